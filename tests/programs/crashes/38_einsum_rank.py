import torch

q = torch.randn(2, 4, 10, 16)
k = torch.randn(2, 4, 12, 16)
scores = torch.einsum("bqd,bkd->bqk", q, k)
