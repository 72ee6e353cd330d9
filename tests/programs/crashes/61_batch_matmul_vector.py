import torch

hidden = torch.randn(16, 64)
keys = torch.randn(16, 10, 64)
energy = torch.bmm(keys, hidden)
