import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(9)
B, D, Z = 6, 20, 6


class VAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(D, 16)
        self.fc21 = nn.Linear(16, Z)
        self.fc22 = nn.Linear(16, Z)
        self.fc3 = nn.Linear(Z, 16)
        self.fc4 = nn.Linear(16, D)

    def encode(self, x):
        h = F.relu(self.fc1(x))
        return self.fc21(h), self.fc22(h)

    def forward(self, x):
        mu, logvar = self.encode(x)
        std = torch.exp(0.5 * logvar)
        z = mu + torch.randn_like(std) * std
        return torch.sigmoid(self.fc4(F.relu(self.fc3(z)))), mu, logvar


def elbo(recon, x, mu, logvar, weight):
    rec = F.binary_cross_entropy(recon, x, reduction="none").sum(1)
    kld = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp(), dim=0)  # BUG: the KL of each sample is summed over the latent axis, not over the batch
    return (weight * (rec + kld)).sum() / weight.sum()


model = VAE()
data = torch.rand(B, D)
w = torch.tensor([1.0, 0.1, 3.0, 0.5, 2.0, 1.0])
opt = torch.optim.Adam(model.parameters(), lr=0.01)
for i in range(10):
    recon, mu, logvar = model(data)
    loss = elbo(recon, data, mu, logvar, w)
    opt.zero_grad()
    loss.backward()
    opt.step()
print("RESULT", round(loss.item(), 4))
