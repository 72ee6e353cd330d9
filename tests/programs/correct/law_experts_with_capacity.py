"""Experts that take a limited number of tokens: who comes late is dropped."""
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(112)


class Switch(nn.Module):
    def __init__(self, d=4, experts=3, capacity=3):
        super().__init__()
        self.router = nn.Linear(d, experts)
        self.experts = nn.ModuleList(nn.Linear(d, d) for _ in range(experts))
        self.capacity = capacity

    def forward(self, x):
        probs = torch.softmax(self.router(x), dim=-1)
        gate, chosen = probs.max(dim=-1)
        hot = nn.functional.one_hot(chosen, len(self.experts)).float()
        position = (torch.cumsum(hot, dim=0) * hot).sum(-1)
        keep = position <= self.capacity
        out = x.clone()
        for e, expert in enumerate(self.experts):
            rows = keep & (chosen == e)
            out[rows] = gate[rows, None] * expert(x[rows])
        load = hot.mean(0) @ probs.mean(0)
        return out, load


class ExpertChoice(nn.Module):
    """Each expert picks its favourite tokens of the batch."""

    def __init__(self, d=4, experts=2, k=2):
        super().__init__()
        self.router, self.k = nn.Linear(d, experts), k
        self.experts = nn.ModuleList(nn.Linear(d, d) for _ in range(experts))

    def forward(self, x):
        score = torch.softmax(self.router(x), dim=-1)
        weight, rows = score.t().topk(self.k, dim=1)
        out = torch.zeros_like(x)
        for e, expert in enumerate(self.experts):
            out = out.index_add(0, rows[e], weight[e][:, None] * expert(x[rows[e]]))
        return out


switch, choice = Switch(), ExpertChoice()
opt = torch.optim.Adam([*switch.parameters(), *choice.parameters()], lr=0.01)
for x, y in DataLoader(TensorDataset(torch.randn(24, 4), torch.randn(24, 4)), batch_size=8):
    out, load = switch(x)
    loss = nn.functional.mse_loss(out + choice(x), y) + 0.01 * load
    opt.zero_grad(); loss.backward(); opt.step()
print("RESULT", round(loss.item(), 5))
