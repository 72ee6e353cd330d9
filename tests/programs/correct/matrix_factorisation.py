import torch
import torch.nn as nn

torch.manual_seed(47)


class MF(nn.Module):
    def __init__(self, users, items, k):
        super().__init__()
        self.U, self.V = nn.Embedding(users, k), nn.Embedding(items, k)
        self.bu, self.bi = nn.Embedding(users, 1), nn.Embedding(items, 1)
        self.mu = nn.Parameter(torch.zeros(1))

    def forward(self, u, i):
        dot = (self.U(u) * self.V(i)).sum(1, keepdim=True)
        return (dot + self.bu(u) + self.bi(i) + self.mu).squeeze(1)

    def full(self):
        return self.U.weight @ self.V.weight.t() + self.bu.weight + self.bi.weight.t() + self.mu


mf = MF(6, 6, 6)
u, i = torch.randint(0, 6, (20,)), torch.randint(0, 6, (20,))
rating = torch.randint(1, 6, (20,)).float()
opt = torch.optim.Adam(mf.parameters(), lr=0.05)
for _ in range(10):
    loss = nn.functional.mse_loss(mf(u, i), rating)
    opt.zero_grad()
    loss.backward()
    opt.step()
table = mf.full()
assert torch.allclose(table[u, i], mf(u, i), atol=1e-5)
print("RESULT", round(loss.item(), 5), table.topk(2, dim=1).indices[0].tolist())
