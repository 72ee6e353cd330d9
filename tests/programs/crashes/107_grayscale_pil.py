import torch, torch.nn as nn
conv = nn.Conv2d(3, 16, 3)
x = torch.rand(4, 1, 64, 64)
conv(x)
