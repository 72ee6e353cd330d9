import torch, torch.nn as nn
x = torch.randn(8, 8)
fc = nn.Linear(5, 2)
fc(x)
