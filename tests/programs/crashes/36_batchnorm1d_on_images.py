import torch
import torch.nn as nn

conv = nn.Conv2d(1, 6, 3)
bn = nn.BatchNorm1d(6)
out = bn(conv(torch.randn(8, 1, 14, 14)))
