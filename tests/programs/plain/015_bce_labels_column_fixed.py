import warnings
import torch
import torch.nn as nn

torch.manual_seed(12)
n = 32
x = torch.randn(n, 3)
t = (x.sum(1) > 0).float()

net = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 1))
loss_function = nn.BCEWithLogitsLoss()
opt = torch.optim.Adam(net.parameters(), lr=0.05)
for epoch in range(30):
    y = net(x)
    loss = loss_function(y, t.unsqueeze(1))
    opt.zero_grad()
    loss.backward()
    opt.step()
print("RESULT", round(loss.item(), 5))
