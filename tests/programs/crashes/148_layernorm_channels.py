import torch, torch.nn as nn
norm = nn.LayerNorm(32)
x = torch.rand(4, 32, 10, 12)
norm(x)
