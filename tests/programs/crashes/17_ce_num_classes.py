import torch
import torch.nn as nn

labels = torch.arange(100) % 10
x = torch.randn(100, 30)
net = nn.Sequential(nn.Linear(30, 64), nn.ReLU(), nn.Linear(64, 9))
loss = nn.CrossEntropyLoss()(net(x), labels)
