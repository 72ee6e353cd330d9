import torch

weights = torch.randn(5, 8)
activations = torch.randn(8, 20)
bias = torch.zeros(5)
z = weights @ activations + bias
