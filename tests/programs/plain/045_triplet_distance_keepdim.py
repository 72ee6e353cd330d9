import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(24)


class EmbeddingNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Sequential(nn.Linear(12, 16), nn.PReLU(), nn.Linear(16, 4))

    def forward(self, x):
        return self.fc(x)


class TripletLoss(nn.Module):
    def __init__(self, margin):
        super().__init__()
        self.margin = margin

    def forward(self, anchor, positive, negative):
        distance_positive = (anchor - positive).pow(2).sum(1)
        distance_negative = (anchor - negative).pow(2).sum(1, keepdim=True)  # BUG: one distance is (B,), the other (B, 1)
        losses = F.relu(distance_positive - distance_negative + self.margin)
        return losses.mean()


net = EmbeddingNet()
loss_fn = TripletLoss(6.0)
opt = torch.optim.Adam(net.parameters(), lr=0.01)
base = torch.randn(10, 12)
for step in range(10):
    a, p, n = net(base), net(base + 0.5 * torch.randn(10, 12)), net(base.roll(1, 0))
    loss = loss_fn(a, p, n)
    opt.zero_grad()
    loss.backward()
    opt.step()
print("RESULT", round(loss.item(), 5))
