"""Cluster assignments that are balanced over the batch, a codebook that learns by averages."""
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(114)


@torch.no_grad()
def sinkhorn(scores, eps=0.1, rounds=3):
    q = torch.exp(scores / eps).t()
    q /= q.sum()
    for _ in range(rounds):
        q /= q.sum(dim=1, keepdim=True) * q.size(0)
        q /= q.sum(dim=0, keepdim=True) * q.size(1)
    return (q * q.size(1)).t()


class SwAV(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder, self.prototypes = nn.Linear(6, 5), nn.Linear(5, 4, bias=False)

    def forward(self, a, b):
        sa, sb = (self.prototypes(F.normalize(self.encoder(v), dim=1)) for v in (a, b))
        qa, qb = sinkhorn(sa), sinkhorn(sb)
        return -(qa * F.log_softmax(sb, 1) + qb * F.log_softmax(sa, 1)).sum(1)


class VQ(nn.Module):
    """The codebook moves to the mean of what it was assigned, then answers."""

    def __init__(self, codes=4, d=6):
        super().__init__()
        self.register_buffer("codebook", torch.randn(codes, d))

    def forward(self, x):
        nearest = torch.cdist(x, self.codebook).argmin(1)
        if self.training:
            hot = F.one_hot(nearest, len(self.codebook)).float()
            means = (hot.t() @ x) / hot.sum(0).clamp(min=1)[:, None]
            used = (hot.sum(0) > 0)[:, None]
            self.codebook = torch.where(used, 0.5 * self.codebook + 0.5 * means, self.codebook)
        quantised = self.codebook[nearest]
        return x + (quantised - x).detach(), nearest


model, vq = SwAV(), VQ()
opt = torch.optim.Adam(model.parameters(), lr=0.01)
for (x,) in DataLoader(TensorDataset(torch.randn(32, 6)), batch_size=8):
    q, codes = vq(x)
    loss = model(q, x + 0.1 * torch.randn_like(x)).mean()
    opt.zero_grad(); loss.backward(); opt.step()
print("RESULT", round(loss.item(), 5), int(codes.sum()))
