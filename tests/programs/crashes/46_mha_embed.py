import torch
import torch.nn as nn

mha = nn.MultiheadAttention(64, 4, batch_first=True)
x = torch.randn(8, 20, 128)
out, _ = mha(x, x, x)
