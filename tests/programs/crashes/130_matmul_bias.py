import torch
X = torch.randn(50, 4)
W = torch.randn(4, 3)
b = torch.randn(50)
out = X @ W + b
