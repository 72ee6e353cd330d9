import math
import torch
import torch.nn as nn

torch.manual_seed(49)


class MDN(nn.Module):
    def __init__(self, n_hidden, n_gaussians):
        super().__init__()
        self.z_h = nn.Sequential(nn.Linear(1, n_hidden), nn.Tanh())
        self.z_pi = nn.Linear(n_hidden, n_gaussians)
        self.z_mu = nn.Linear(n_hidden, n_gaussians)
        self.z_sigma = nn.Linear(n_hidden, n_gaussians)

    def forward(self, x):
        z = self.z_h(x)
        return self.z_pi(z).log_softmax(-1), self.z_mu(z), torch.exp(self.z_sigma(z))


def mdn_loss(log_pi, mu, sigma, y):
    log_p = -0.5 * ((y - mu) / sigma) ** 2 - torch.log(sigma) - 0.5 * math.log(2 * math.pi)
    return -torch.logsumexp(log_pi + log_p, dim=0).mean()  # BUG: mixes the points of the batch instead of the gaussians of each point


x = torch.linspace(-2, 2, 20).unsqueeze(1)
y = torch.sin(x) + 0.1 * torch.randn(20, 1)
net = MDN(10, 3)
opt = torch.optim.Adam(net.parameters(), lr=0.05)
for epoch in range(15):
    loss = mdn_loss(*net(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
print("RESULT", round(loss.item(), 5))
