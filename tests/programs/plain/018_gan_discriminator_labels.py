import torch
import torch.nn as nn

torch.manual_seed(15)
latent_dim, img_dim, bs = 4, 12, 8
G = nn.Sequential(nn.Linear(latent_dim, 16), nn.ReLU(), nn.Linear(16, img_dim), nn.Tanh())
D = nn.Sequential(nn.Linear(img_dim, 16), nn.LeakyReLU(0.2), nn.Linear(16, 1), nn.Sigmoid())
opt_g = torch.optim.Adam(G.parameters(), lr=0.01)
opt_d = torch.optim.Adam(D.parameters(), lr=0.01)
real_data = torch.tanh(torch.randn(64, img_dim) + 1)


def d_loss_fn(real_score, fake_score, noise):
    # smooth labels, a little different for every sample
    real_target = 0.9 + 0.1 * noise
    return ((real_score - real_target) ** 2).mean() + (fake_score ** 2).mean()  # BUG: scores are (bs, 1), the smooth labels (bs,): (bs, bs) errors


for i in range(0, 64, bs):
    real = real_data[i:i + bs]
    z = torch.randn(bs, latent_dim)
    fake = G(z)
    d_loss = d_loss_fn(D(real), D(fake.detach()), torch.rand(bs))
    opt_d.zero_grad(); d_loss.backward(); opt_d.step()
    g_loss = ((D(fake) - 1) ** 2).mean()
    opt_g.zero_grad(); g_loss.backward(); opt_g.step()
    print(f"[{i // bs}] d {d_loss.item():.4f} g {g_loss.item():.4f}")
print("RESULT", round(d_loss.item(), 5), round(g_loss.item(), 5))
