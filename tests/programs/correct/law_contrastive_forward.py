"""A model whose forward returns the contrastive loss of each sample against the whole batch."""
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(100)


class InfoNCE(nn.Module):
    def __init__(self, d_in, d=8, temperature=0.2):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(d_in, 16), nn.ReLU(), nn.Linear(16, d))
        self.temperature = temperature

    def forward(self, a, b):
        za, zb = F.normalize(self.encoder(a), dim=1), F.normalize(self.encoder(b), dim=1)
        logits = za @ zb.t() / self.temperature
        target = torch.arange(a.size(0))
        return F.cross_entropy(logits, target, reduction="none")


x = torch.randn(24, 6)
loader = DataLoader(TensorDataset(x, x + 0.1 * torch.randn(24, 6)), batch_size=6)
model = InfoNCE(6)
opt = torch.optim.Adam(model.parameters(), lr=0.01)
for a, b in loader:
    per_sample = model(a, b)
    loss = per_sample.mean()
    opt.zero_grad(); loss.backward(); opt.step()
print("RESULT", round(loss.item(), 5))
