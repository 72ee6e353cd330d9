import torch
A = torch.randn(7, 3); B = torch.randn(7, 3)
A @ B
