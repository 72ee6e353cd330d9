import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(58)
X = torch.randn(30, 5)
y = X @ torch.randn(5) + 0.1
w = torch.zeros(5, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
for epoch in range(3):
    for xb, yb in DataLoader(TensorDataset(X, y), batch_size=5):
        pred = xb @ w + b
        loss = ((pred - yb) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= 0.1 * w.grad
            b -= 0.1 * b.grad
            w.grad.zero_()
            b.grad.zero_()
net = nn.Sequential(nn.Linear(5, 1), nn.Flatten(0))
huber = nn.functional.huber_loss(net(X), y)
mae = nn.functional.l1_loss(net(X), y, reduction="none") * torch.rand(30)
total = nn.functional.mse_loss(net(X)[:, None], y[:, None], reduction="sum")
print("RESULT", round(loss.item(), 6), round((huber + mae.mean() + total).item(), 4))
