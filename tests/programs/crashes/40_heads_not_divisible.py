import torch

B, T, C = 4, 10, 100
n_head = 8
x = torch.randn(B, T, C)
q = x.view(B, T, n_head, C // n_head)
