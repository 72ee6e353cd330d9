"""Augmentations that give every sample a partner from the same batch."""
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(109)


def mixup(x, y, alpha=0.4):
    lam = torch.distributions.Beta(alpha, alpha).sample()
    partner = torch.randperm(x.size(0))
    return lam * x + (1 - lam) * x[partner], lam * y + (1 - lam) * y[partner]


def flip_mix(x, lam=0.7):
    return x * lam + x.flip(0) * (1 - lam)


def cutmix(x):
    mixed = x.clone()
    mixed[:, :, 2:5, 2:5] = x[torch.randperm(x.size(0)), :, 2:5, 2:5]
    return mixed


class MixStyle(nn.Module):
    """Feature statistics are exchanged between the images of a batch."""

    def forward(self, x):
        mu, sig = x.mean((2, 3), keepdim=True), x.std((2, 3), keepdim=True) + 1e-5
        p = torch.randperm(x.size(0))
        return (x - mu) / sig * (0.5 * sig + 0.5 * sig[p]) + 0.5 * mu + 0.5 * mu[p]


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.mix, self.fc = nn.Conv2d(1, 4, 3), MixStyle(), nn.Linear(4, 3)

    def forward(self, x):
        h = torch.relu(self.conv(x))
        if self.training:
            h = self.mix(h)
        return self.fc(h.mean((2, 3)))


data = TensorDataset(torch.rand(16, 1, 8, 8), torch.randint(0, 3, (16,)))
net = Net()
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for x, y in DataLoader(data, batch_size=4):
    soft = F.one_hot(y, 3).float()
    x, soft = mixup(x, soft)
    loss = F.cross_entropy(net(cutmix(flip_mix(x))), soft)
    opt.zero_grad(); loss.backward(); opt.step()
print("RESULT", round(loss.item(), 5))
