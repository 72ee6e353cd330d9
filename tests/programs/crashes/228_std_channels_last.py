import torch
img = torch.rand(3, 32, 32)
mean = torch.tensor([0.5, 0.5, 0.5])
img - mean
