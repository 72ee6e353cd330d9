import torch
import torch.nn as nn
import torch.nn.functional as F

y = F.one_hot(torch.randint(0, 4, (25,)), 4)
net = nn.Linear(7, 4)
loss = nn.CrossEntropyLoss()(net(torch.randn(25, 7)), y)
