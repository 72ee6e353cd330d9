import torch
import torch.nn as nn

layer = nn.TransformerEncoderLayer(32, 4)
encoder = nn.TransformerEncoder(layer, 2)
x = torch.randn(8, 15, 32)
pad = torch.zeros(8, 15, dtype=torch.bool)
y = encoder(x, src_key_padding_mask=pad)
