import torch
x = torch.randn(12, 40)
m = x.mean(dim=1)
x = x - m
