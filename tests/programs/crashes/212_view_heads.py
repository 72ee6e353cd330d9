import torch
x = torch.randn(2, 9, 48)
q = x.view(2, 6, 9, 8)
k = x.view(2, 9, 5, 8)
