import torch, torch.nn as nn
x = torch.rand(8, 8, 8, 3)
nn.Conv2d(3, 4, 3)(x)
