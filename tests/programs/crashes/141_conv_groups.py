import torch, torch.nn as nn
c = nn.Conv2d(4, 8, 3, groups=2)
c(torch.rand(2, 6, 9, 9))
