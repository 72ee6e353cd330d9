import torch, torch.nn as nn
dec = nn.TransformerDecoderLayer(16, 4, batch_first=True)
tgt = torch.randn(2, 6, 16); mem = torch.randn(6, 2, 16)
dec(tgt, mem)
