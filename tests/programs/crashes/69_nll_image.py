import torch
import torch.nn as nn

net = nn.Conv2d(3, 5, 1)
images = torch.randn(2, 3, 16, 16)
masks = torch.randint(0, 5, (2, 1, 16, 16))
loss = nn.CrossEntropyLoss()(net(images), masks)
