import torch
import torch.nn as nn

model = nn.Sequential(
    nn.Conv2d(3, 32, 3),
    nn.BatchNorm2d(16),
    nn.ReLU(),
)
model(torch.randn(4, 3, 20, 20))
