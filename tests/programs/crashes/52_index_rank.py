import torch
import torch.nn as nn

model = nn.Linear(10, 2)
out = model(torch.randn(32, 10))
last = out[:, -1, :]
