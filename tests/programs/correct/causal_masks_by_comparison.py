import torch
import torch.nn as nn

torch.manual_seed(25)
N, T, E = 3, 6, 8
steps = torch.arange(T)
causal = steps.view(T, 1) < steps
window = (steps[:, None] - steps[None, :]).abs() > 2
lengths = torch.tensor([6, 4, 2])
pad = steps[None, :] >= lengths[:, None]
mha = nn.MultiheadAttention(E, 2, batch_first=True)
x = torch.randn(N, T, E)
y1, _ = mha(x, x, x, attn_mask=causal, key_padding_mask=pad)
y2, _ = mha(x, x, x, attn_mask=causal | window)
bias = -(steps.unsqueeze(0) - steps.unsqueeze(1)).abs().float()
y3, _ = mha(x, x, x, attn_mask=bias)
print("RESULT", round((y1 + y2 + y3).sum().item(), 4))
