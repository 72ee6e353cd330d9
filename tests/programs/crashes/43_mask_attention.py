import torch

batch, heads, seq = 4, 8, 12
scores = torch.randn(batch, heads, seq, seq)
mask = torch.ones(batch, seq, seq).bool()
scores = scores.masked_fill(~mask, float("-inf"))
