import torch, torch.nn as nn
model = nn.Sequential(
    nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
    nn.Linear(8 * 14 * 14, 10))
model(torch.rand(16, 1, 28, 28))
