"""Neighbours: against a bank of training samples, and leave-one-out within the batch."""
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(108)
bank, bank_labels = torch.randn(30, 4), torch.randint(0, 3, (30,))


class KNN(nn.Module):
    def __init__(self, k=3):
        super().__init__()
        self.k = k
        self.register_buffer("bank", bank)
        self.scale = nn.Parameter(torch.ones(4))

    def forward(self, x):
        near = torch.cdist(x * self.scale, self.bank).topk(self.k, largest=False).indices
        return torch.nn.functional.one_hot(bank_labels[near], 3).float().mean(1)


class LeaveOneOut(nn.Module):
    """Kernel regression in which every sample is told by the others of its batch."""

    def __init__(self):
        super().__init__()
        self.log_width = nn.Parameter(torch.zeros(()))

    def forward(self, x, y):
        gaps = (x.unsqueeze(1) - x.unsqueeze(0)).pow(2).sum(-1)
        k = torch.exp(-gaps / self.log_width.exp()) * (1 - torch.eye(len(x)))
        return (k @ y) / (k.sum(1) + 1e-6)


def density(x):
    """How crowded it is around each sample."""
    return torch.cdist(x, x).sort(dim=1).values[:, 1:3].mean(1)


knn, loo = KNN(), LeaveOneOut()
opt = torch.optim.Adam(loo.parameters(), lr=0.05)
total = 0.0
for x, y in DataLoader(TensorDataset(torch.randn(20, 4), torch.randn(20)), batch_size=5):
    votes = knn(x)
    loss = (loo(x, y) - y).pow(2).mean()
    opt.zero_grad(); loss.backward(); opt.step()
    total += votes.max(1).values.sum().item() + density(x).sum().item()
print("RESULT", round(loss.item(), 5), round(total, 4))
