import torch, torch.nn as nn
net = nn.Conv2d(3, 1, 1)
img = torch.rand(4, 3, 16, 16)
mask = torch.randint(0, 2, (4, 16, 16)).float()
loss = nn.BCEWithLogitsLoss()(net(img), mask)
