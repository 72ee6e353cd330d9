"""SimCLR-style: two views of each image go through the encoder in one batch."""
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(8)
n_images, dim = 6, 10
images = torch.randn(n_images, dim)
view1 = images + 0.1 * torch.randn_like(images)
view2 = images + 0.1 * torch.randn_like(images)
encoder = nn.Sequential(nn.Linear(dim, 16), nn.ReLU(), nn.Linear(16, 8))
opt = torch.optim.Adam(encoder.parameters(), lr=0.01)
for step in range(10):
    both = torch.cat([view1, view2], dim=0)
    z = F.normalize(encoder(both), dim=1)
    z1, z2 = z.view(2, n_images, -1).unbind(0)
    sim = z1 @ z2.t() / 0.5
    loss = F.cross_entropy(sim, torch.arange(n_images))
    opt.zero_grad()
    loss.backward()
    opt.step()
print("RESULT", round(loss.item(), 5))
