"""A critic that looks at the whole minibatch: its spread, and how close its samples are."""
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(102)


class Critic(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.embed = nn.Linear(d, 8)
        self.T = nn.Parameter(torch.randn(8, 12) * 0.1)
        self.out = nn.Linear(8 + 4 + 1, 1)

    def forward(self, x):
        h = torch.relu(self.embed(x))
        m = (h @ self.T).view(-1, 4, 3)
        close = torch.exp(-(m[:, None] - m[None]).abs().sum(3)).sum(1)
        spread = h.std(dim=0).mean().expand(x.size(0), 1)
        return self.out(torch.cat([h, close, spread], dim=1))


critic = Critic(6)
opt = torch.optim.Adam(critic.parameters(), lr=0.01)
for (real,) in DataLoader(TensorDataset(torch.randn(18, 6)), batch_size=6):
    fake = torch.rand_like(real)
    loss = critic(fake).mean() - critic(real).mean()
    opt.zero_grad(); loss.backward(); opt.step()
print("RESULT", round(loss.item(), 5))
