import torch
import torch.nn as nn

torch.manual_seed(57)
X = torch.randn(40, 2)
t = (X.prod(dim=1, keepdim=True) > 0).float()            # (40, 1)
model = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 1))
criterion = nn.BCEWithLogitsLoss(pos_weight=torch.tensor([1.5]))
opt = torch.optim.Adam(model.parameters(), lr=0.05)
for epoch in range(30):
    out = model(X)
    loss = criterion(out, t)
    opt.zero_grad()
    loss.backward()
    opt.step()
predicted = (torch.sigmoid(out) > 0.5).float()
acc = (predicted == t).float().mean()
acc2 = predicted.squeeze(1).eq(t.squeeze(1)).sum() / t.size(0)
assert acc == acc2
print("RESULT", round(loss.item(), 5), acc.item())
