"""Few-shot episodes whose batch is support and queries, and BatchNorm on parts of a batch."""
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(116)
ways, shots = 2, 3


class Protonet(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Linear(5, 4)

    def forward(self, episode):
        z = self.encoder(episode)
        support, query = z[: ways * shots], z[ways * shots :]
        prototypes = support.view(ways, shots, -1).mean(1)
        return -torch.cdist(query, prototypes)


class GhostNorm(nn.Module):
    def __init__(self, d, parts=2):
        super().__init__()
        self.bn, self.parts = nn.BatchNorm1d(d), parts

    def forward(self, x):
        return torch.cat([self.bn(part) for part in x.chunk(self.parts, dim=0)])


class Consistency(nn.Module):
    """The first half of a batch and the second are two views of the same samples."""

    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(5, 6), GhostNorm(6), nn.ReLU(), nn.Linear(6, 2))

    def forward(self, both):
        one, other = self.net(both).chunk(2)
        return torch.cat([one - other, other - one])


proto, consistency = Protonet(), Consistency()
opt = torch.optim.Adam([*proto.parameters(), *consistency.parameters()], lr=0.02)
target = torch.tensor([0, 0, 1, 1])
for (x,) in DataLoader(TensorDataset(torch.randn(30, 5)), batch_size=10):
    loss = nn.functional.cross_entropy(proto(x), target) + consistency(x).pow(2).mean()
    opt.zero_grad(); loss.backward(); opt.step()
print("RESULT", round(loss.item(), 5))
