import torch
x = torch.randn(5, 5, 9)
w = torch.rand(5, 5)
out = x * w
