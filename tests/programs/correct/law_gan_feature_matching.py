"""A GAN with feature matching, gradient penalty and BatchNorm in the generator."""
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(107)
batch_size, z_dim = 6, 3


class D(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(nn.Linear(5, 12), nn.LeakyReLU(0.2))
        self.head = nn.Linear(12, 1)

    def forward(self, x, return_features=False):
        f = self.features(x)
        return (self.head(f), f) if return_features else self.head(f)


def penalty(d, real, fake):
    eps = torch.rand(real.size(0), 1)
    mixed = (eps * real + (1 - eps) * fake).requires_grad_(True)
    grad = torch.autograd.grad(d(mixed).sum(), mixed, create_graph=True)[0]
    return ((grad.norm(2, dim=1) - 1) ** 2).mean()


def sharpen(features):
    """Features relative to the centre of the batch and its most extreme member."""
    centre = features.mean(0)
    return (features - centre) / (features - centre).abs().amax(0)


G = nn.Sequential(nn.Linear(z_dim, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 5))
d = D()
og, od = torch.optim.Adam(G.parameters(), lr=0.01), torch.optim.Adam(d.parameters(), lr=0.01)
for (real,) in DataLoader(TensorDataset(torch.randn(18, 5)), batch_size=batch_size):
    z = torch.randn(batch_size, z_dim)
    fake = G(z).detach()
    ld = d(fake).mean() - d(real).mean() + penalty(d, real, fake)
    od.zero_grad(); ld.backward(); od.step()
    _, fr = d(real, return_features=True)
    score, ff = d(G(z), return_features=True)
    lg = (fr.detach().mean(0) - ff.mean(0)).pow(2).sum() - score.mean() + sharpen(ff).pow(2).mean()
    og.zero_grad(); lg.backward(); og.step()
print("RESULT", round(ld.item(), 5), round(lg.item(), 5))
