import torch

x = torch.randn(100, 3)
w = torch.randn(3, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
W = torch.randn(4, 3)
y = torch.mm(x, W)
