import torch, torch.nn as nn
up = nn.Sequential(nn.Linear(10, 128), nn.ConvTranspose2d(128, 64, 4))
up(torch.randn(6, 10))
