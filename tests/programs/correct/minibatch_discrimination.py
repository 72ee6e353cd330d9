import torch
import torch.nn as nn

torch.manual_seed(62)


class MinibatchDiscrimination(nn.Module):
    def __init__(self, features, kernels, dims):
        super().__init__()
        self.T = nn.Parameter(torch.randn(features, kernels, dims) * 0.1)

    def forward(self, x):
        m = torch.einsum("nf,fkd->nkd", x, self.T)
        distance = (m.unsqueeze(0) - m.unsqueeze(1)).abs().sum(dim=3)       # (n, n, kernels)
        closeness = torch.exp(-distance).sum(dim=1) - 1
        return torch.cat([x, closeness], dim=1)


class MinibatchStd(nn.Module):
    def forward(self, x):
        spread = x.std(dim=0, unbiased=False).mean()
        return torch.cat([x, spread.expand(x.size(0), 1)], dim=1)


G = nn.Sequential(nn.Linear(4, 12), nn.BatchNorm1d(12), nn.ReLU(), nn.Linear(12, 6))
D = nn.Sequential(nn.Linear(6, 8), nn.LeakyReLU(0.2), MinibatchDiscrimination(8, 4, 3), MinibatchStd(), nn.Linear(13, 1))
og, od = torch.optim.Adam(G.parameters(), lr=0.01), torch.optim.Adam(D.parameters(), lr=0.01)
bce = nn.BCEWithLogitsLoss()
real = torch.randn(24, 6) + 1
for i in range(0, 24, 6):
    x, z = real[i:i + 6], torch.randn(6, 4)
    ones, zeros = torch.ones(6, 1), torch.zeros(6, 1)
    d = bce(D(x), ones) + bce(D(G(z).detach()), zeros)
    od.zero_grad(); d.backward(); od.step()
    g = bce(D(G(z)), ones)
    og.zero_grad(); g.backward(); og.step()
eps = torch.rand(6, 1)
mixed = (eps * x + (1 - eps) * G(z).detach()).requires_grad_(True)
grad = torch.autograd.grad(D(mixed).sum(), mixed)[0]
penalty = ((grad.norm(2, dim=1) - 1) ** 2).mean()
print("RESULT", round(d.item(), 5), round(g.item(), 5), round(penalty.item(), 5))
