import torch, torch.nn as nn
fc = nn.Linear(400, 10)
x = torch.randn(8, 16, 5, 5)
y = fc(torch.flatten(x))
