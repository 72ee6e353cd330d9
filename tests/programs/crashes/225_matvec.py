import torch
A = torch.randn(3, 4); v = torch.randn(3)
A @ v
