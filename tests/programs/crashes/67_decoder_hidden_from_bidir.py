import torch
import torch.nn as nn

encoder = nn.GRU(16, 32, batch_first=True, bidirectional=True)
decoder = nn.GRU(16, 32, batch_first=True)
src = torch.randn(5, 9, 16)
trg = torch.randn(5, 7, 16)
_, h = encoder(src)
out, _ = decoder(trg, h)
