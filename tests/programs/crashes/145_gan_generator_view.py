import torch, torch.nn as nn
G = nn.Sequential(nn.Linear(100, 256), nn.ReLU(), nn.Linear(256, 784))
z = torch.randn(16, 100)
fake = G(z).view(16, 3, 28, 28)
