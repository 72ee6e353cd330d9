import torch, torch.nn as nn
enc = nn.GRU(8, 64, batch_first=True)
dec = nn.GRU(8, 32, batch_first=True)
x = torch.randn(4, 6, 8)
_, h = enc(x)
out, _ = dec(x, h)
