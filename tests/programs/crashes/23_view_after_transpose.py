import torch

batch, heads, seq, dim = 4, 8, 10, 16
attn_out = torch.randn(batch, heads, seq, dim)
out = attn_out.transpose(1, 2).view(batch, seq, heads * dim)
