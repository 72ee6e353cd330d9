import torch
import torch.nn as nn

norm = nn.LayerNorm(64)
x = torch.randn(8, 20, 48)
y = norm(x)
