import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(3)


class NTXent(nn.Module):
    def __init__(self, tau=0.5):
        super().__init__()
        self.tau = tau

    def forward(self, zi, zj):
        n = zi.size(0)
        z = F.normalize(torch.cat([zi, zj], dim=0), dim=1)
        sim = z @ z.t() / self.tau
        sim.fill_diagonal_(float("-inf"))
        partner = torch.cat([torch.arange(n, 2 * n), torch.arange(n)])
        return F.cross_entropy(sim, partner)


net = nn.Sequential(nn.Linear(6, 12), nn.BatchNorm1d(12), nn.ReLU(), nn.Linear(12, 6))
criterion, opt = NTXent(), torch.optim.Adam(net.parameters(), lr=0.01)
x = torch.randn(6, 6)
for _ in range(6):
    loss = criterion(net(x + 0.1 * torch.randn_like(x)), net(x + 0.1 * torch.randn_like(x)))
    opt.zero_grad()
    loss.backward()
    opt.step()
print("RESULT", round(loss.item(), 5))
