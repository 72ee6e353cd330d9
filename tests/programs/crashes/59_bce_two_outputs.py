import torch
import torch.nn as nn

net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 2))
x = torch.randn(30, 8)
y = torch.randint(0, 2, (30,)).float()
loss = nn.BCEWithLogitsLoss()(net(x), y)
