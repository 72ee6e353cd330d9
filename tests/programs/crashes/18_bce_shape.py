import torch
import torch.nn as nn

x = torch.randn(64, 10)
y = torch.randint(0, 2, (64,)).float()
model = nn.Sequential(nn.Linear(10, 16), nn.ReLU(), nn.Linear(16, 1))
criterion = nn.BCEWithLogitsLoss()
loss = criterion(model(x), y)
