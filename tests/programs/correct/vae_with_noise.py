import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(19)


class VAE(nn.Module):
    def __init__(self, d=16, z=3):
        super().__init__()
        self.enc, self.dec = nn.Linear(d, 2 * z), nn.Linear(z, d)
        self.drop = nn.Dropout(0.3)

    def forward(self, x):
        mu, logvar = self.enc(self.drop(x)).chunk(2, dim=-1)
        z = mu + torch.exp(logvar / 2) * torch.randn_like(mu)
        return self.dec(z), mu, logvar


vae = VAE()
x = torch.rand(10, 16)
opt = torch.optim.Adam(vae.parameters(), lr=0.01)
for _ in range(8):
    logits, mu, logvar = vae(x)
    rec = F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(dim=1)
    kl = -0.5 * (1 + logvar - mu ** 2 - logvar.exp()).sum(dim=1)
    loss = (rec + kl).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
grid = vae.dec(torch.randn(9, 3)).sigmoid().view(3, 3, 4, 4).permute(0, 2, 1, 3).reshape(12, 12)
print("RESULT", round(loss.item(), 4), round(grid.mean().item(), 4))
