import torch, torch.nn as nn
enc = nn.TransformerEncoderLayer(16, 2, batch_first=True)
x = torch.randn(3, 9, 16)
mask = torch.triu(torch.ones(8, 8), 1).bool()
enc(x, src_mask=mask)
