import torch
import torch.nn as nn

G = nn.Sequential(nn.ConvTranspose2d(100, 64, 4, 1, 0), nn.ReLU(), nn.ConvTranspose2d(64, 3, 4, 2, 1))
noise = torch.randn(32, 100)
fake = G(noise)
