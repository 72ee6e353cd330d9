import torch, torch.nn as nn
conv1 = nn.Conv2d(1, 4, 3)
conv2 = nn.Conv2d(4, 8, 3)
x = torch.rand(1, 1, 20, 20)
h = conv1(x).squeeze()
h = h.mean(0)
conv2(h)
