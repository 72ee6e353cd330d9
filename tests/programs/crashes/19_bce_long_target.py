import torch
import torch.nn as nn

x = torch.randn(64, 10)
y = torch.randint(0, 2, (64, 1))
model = nn.Sequential(nn.Linear(10, 1), nn.Sigmoid())
criterion = nn.BCELoss()
loss = criterion(model(x), y)
