import torch
import torch.nn as nn

torch.manual_seed(28)
B, T, D = 6, 6, 6
x = torch.randn(B, T, D)
bias = nn.Parameter(torch.randn(D))
position = nn.Parameter(torch.randn(T, D))
relative = nn.Embedding(2 * T - 1, 1)
segment = torch.randn(B, 1, D)
h = x + bias + position + segment
index = torch.arange(T)[:, None] - torch.arange(T)[None, :] + T - 1
scores = h @ h.transpose(1, 2) + relative(index).squeeze(-1)
h = h * torch.sigmoid(h.mean(dim=1, keepdim=True)) - h.mean(dim=(0, 1))
print("RESULT", round((scores.softmax(-1) @ h).sum().item(), 4))
