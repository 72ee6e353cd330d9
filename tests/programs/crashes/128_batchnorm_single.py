import torch, torch.nn as nn
net = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8))
net(torch.randn(1, 4))
