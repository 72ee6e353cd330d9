import torch
import torch.nn as nn

cell = nn.GRUCell(10, 20)
x = torch.randn(4, 6, 10)
h = torch.zeros(4, 20)
for t in range(6):
    h = cell(x[t], h)
