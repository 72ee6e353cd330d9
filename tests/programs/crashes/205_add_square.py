import torch
scores = torch.randn(6, 6, 4)
bias = torch.randn(6)
scores + bias
