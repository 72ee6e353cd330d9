import torch, torch.nn as nn
mha = nn.MultiheadAttention(64, 8)
q = torch.randn(10, 4, 64)
k = torch.randn(12, 4, 32)
out, _ = mha(q, k, k)
