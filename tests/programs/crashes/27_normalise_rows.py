import torch

data = torch.rand(6, 10)
row_sum = data.sum(dim=1)
probs = data / row_sum
