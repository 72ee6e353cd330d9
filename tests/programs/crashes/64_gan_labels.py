import torch
import torch.nn as nn

latent = 64
G = nn.Sequential(nn.Linear(latent, 128), nn.ReLU(), nn.Linear(128, 784), nn.Tanh())
D = nn.Sequential(nn.Linear(784, 128), nn.LeakyReLU(0.2), nn.Linear(128, 1), nn.Sigmoid())
bce = nn.BCELoss()
real = torch.randn(32, 28, 28)
loss = bce(D(real), torch.ones(32, 1))
