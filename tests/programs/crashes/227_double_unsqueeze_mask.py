import torch
s = torch.randn(2, 4, 5, 7)
m = torch.ones(2, 7).bool()
s.masked_fill(m, 0.)
