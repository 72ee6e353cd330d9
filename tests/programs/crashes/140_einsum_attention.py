import torch
q = torch.randn(2, 7, 4, 16)
k = torch.randn(2, 9, 4, 16)
s = torch.einsum("bhqd,bhkd->bhqk", q, k)
