import torch

u = torch.randn(5, 1)
v = torch.randn(5, 1)
print(torch.dot(u, v))
