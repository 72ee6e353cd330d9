import torch

users = torch.randn(30, 16)
items = torch.randn(50, 16)
scores = users @ items
