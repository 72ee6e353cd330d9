import torch
import torch.nn as nn

latent_dim = 20
encoder = nn.Linear(784, latent_dim * 2)
decoder = nn.Linear(latent_dim, 784)
x = torch.rand(16, 784)
h = encoder(x)
recon = decoder(h)
