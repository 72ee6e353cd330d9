import torch
import torch.nn as nn

gru = nn.GRU(8, 16, batch_first=True)
x = torch.randn(4, 7, 8)
encoded = torch.randn(4, 16)
out, h = gru(x, encoded)
