import torch
import torch.nn as nn

enc = nn.Sequential(nn.Conv2d(1, 8, 3, stride=2), nn.ReLU())
dec = nn.Sequential(nn.ConvTranspose2d(8, 1, 3, stride=2))
x = torch.rand(16, 1, 28, 28)
loss = nn.MSELoss()(dec(enc(x)), x)
