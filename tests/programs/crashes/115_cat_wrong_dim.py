import torch
a = torch.randn(30, 5)
b = torch.randn(20, 5)
data = torch.cat([a, b], dim=1)
