import math
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(125)


class SelfAttention(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.q, self.k, self.v = nn.Linear(d, d), nn.Linear(d, d), nn.Linear(d, d)
        self.d = d

    def forward(self, x):
        # x: (batch, seq, d), as many sequences as they have steps
        q, k, v = self.q(x), self.k(x), self.v(x)
        # the steps stay behind the batch
        weights = torch.softmax(q @ k.mT / math.sqrt(self.d), dim=-1)
        return weights @ v


net = nn.Sequential(nn.Linear(3, 6), SelfAttention(6), nn.Linear(6, 2))
opt = torch.optim.Adam(net.parameters(), lr=0.01)
for x, y in DataLoader(TensorDataset(torch.randn(12, 4, 3), torch.randn(12, 4, 2)), batch_size=4):
    loss = nn.functional.mse_loss(net(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
print("RESULT", round(loss.item(), 5))
