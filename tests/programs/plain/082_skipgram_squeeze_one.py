import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(61)
V, D, K = 15, 5, 4


class SkipGram(nn.Module):
    def __init__(self):
        super().__init__()
        self.inp, self.out = nn.Embedding(V, D), nn.Embedding(V, D)

    def forward(self, center, pos, negs):
        c = self.inp(center)                                      # (B, D)
        p = (c * self.out(pos)).sum(1)                            # (B,)
        n = torch.bmm(self.out(negs), c.unsqueeze(2)).squeeze()   # (B, K)  # BUG: a batch of one loses its batch axis, and its K negatives are then taken for samples
        return (-F.logsigmoid(p) - F.logsigmoid(-n).sum(dim=-1)).mean(), n.size(0)


pairs = torch.randint(0, V, (9, 2))
negatives = torch.randint(0, V, (9, K))
model = SkipGram()
loader = DataLoader(TensorDataset(pairs[:, 0], pairs[:, 1], negatives), batch_size=4)
total, seen = 0.0, 0
for c, p, n in loader:
    loss, count = model(c, p, n)
    total += loss.item() * count
    seen += count
print("RESULT", round(total / seen, 5))
