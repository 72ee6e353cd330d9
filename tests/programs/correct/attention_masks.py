"""Attention with no mask, a padding mask and a causal mask, one sentence fully padded."""
import math
import torch
import torch.nn as nn

torch.manual_seed(0)
B, H, T, D = 3, 2, 5, 4


def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.size(-1))
    if mask is not None:
        scores = scores.masked_fill(mask == 0, -1e9)
    return scores.softmax(dim=-1) @ v


q, k, v = torch.randn(3, B, H, T, D).unbind(0)
lengths = torch.tensor([5, 2, 0])
padding = (torch.arange(T) < lengths.unsqueeze(1))[:, None, None, :]
causal = torch.tril(torch.ones(T, T, dtype=torch.bool))
total = attention(q, k, v).sum() + attention(q, k, v, padding).sum()
total = total + attention(q, k, v, padding & causal).sum()
print("RESULT", round(total.item(), 4))
