import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(7)
net = nn.Sequential(
    nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(),
    nn.Linear(4 * 6 * 6, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.2), nn.Linear(8, 3),
)
data = TensorDataset(torch.randn(24, 1, 8, 8), torch.randint(0, 3, (24,)))
opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
for epoch in range(2):
    net.train()
    for xb, yb in DataLoader(data, batch_size=8, shuffle=True):
        loss = nn.functional.cross_entropy(net(xb), yb)
        opt.zero_grad()
        loss.backward()
        opt.step()
net.eval()
with torch.no_grad():
    probabilities = net(data.tensors[0]).softmax(dim=1)
print("RESULT", round(loss.item(), 4), round(probabilities[:, 0].mean().item(), 4))
