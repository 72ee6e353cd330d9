import torch, torch.nn as nn
model = nn.Sequential(
    nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
    nn.Linear(8 * 28 * 28, 10))
model(torch.rand(16, 1, 28, 28))
