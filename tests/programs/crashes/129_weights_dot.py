import torch
X = torch.randn(50, 4)
w = torch.randn(1, 4)
pred = X @ w
