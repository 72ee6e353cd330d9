"""Batch normalisation written by hand, with running statistics, and a whitening of the batch."""
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(101)


class MyBatchNorm(nn.Module):
    def __init__(self, d, momentum=0.1):
        super().__init__()
        self.gamma, self.beta = nn.Parameter(torch.ones(d)), nn.Parameter(torch.zeros(d))
        self.register_buffer("running_mean", torch.zeros(d))
        self.register_buffer("running_var", torch.ones(d))
        self.momentum = momentum

    def forward(self, x):
        if self.training:
            mean, var = x.mean(dim=0), x.var(dim=0, unbiased=False)
            with torch.no_grad():
                self.running_mean.lerp_(mean, self.momentum)
                self.running_var.lerp_(var, self.momentum)
        else:
            mean, var = self.running_mean, self.running_var
        return self.gamma * (x - mean) / torch.sqrt(var + 1e-5) + self.beta


class Whiten(nn.Module):
    def forward(self, x):
        centred = x - x.mean(0, keepdim=True)
        cov = centred.t() @ centred / x.size(0)
        values, vectors = torch.linalg.eigh(cov + 1e-3 * torch.eye(x.size(1)))
        return centred @ vectors @ torch.diag(values.rsqrt())


net = nn.Sequential(nn.Linear(5, 8), MyBatchNorm(8), nn.ReLU(), nn.Linear(8, 3))
white = Whiten()
data = TensorDataset(torch.randn(20, 5) * 3 + 1, torch.randint(0, 3, (20,)))
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for x, y in DataLoader(data, batch_size=5):
    loss = nn.functional.cross_entropy(net(white(x)), y)
    opt.zero_grad(); loss.backward(); opt.step()
net.eval()
with torch.no_grad():
    right = sum((net(white(x)).argmax(1) == y).sum().item() for x, y in DataLoader(data, batch_size=10))
print("RESULT", round(loss.item(), 5), right)
