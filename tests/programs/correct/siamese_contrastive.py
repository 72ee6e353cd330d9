import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(48)


class Siamese(nn.Module):
    def __init__(self):
        super().__init__()
        self.cnn = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(16, 5))

    def forward(self, a, b):
        both = self.cnn(torch.cat([a, b], dim=0))
        return both.chunk(2, dim=0)


def contrastive(x1, x2, label, margin=1.0):
    d = F.pairwise_distance(x1, x2)
    return torch.mean((1 - label) * d.pow(2) + label * torch.clamp(margin - d, min=0).pow(2))


data = TensorDataset(torch.rand(10, 1, 8, 8), torch.rand(10, 1, 8, 8), torch.randint(0, 2, (10,)).float())
net = Siamese()
opt = torch.optim.Adam(net.parameters(), lr=0.01)
for a, b, label in DataLoader(data, batch_size=4):
    loss = contrastive(*net(a, b), label)
    opt.zero_grad()
    loss.backward()
    opt.step()
print("RESULT", round(loss.item(), 6))
