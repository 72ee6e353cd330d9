import torch

x = torch.randn(8, 20, 32)
w = torch.randn(64, 32)
y = torch.einsum("btd,dh->bth", x, w)
