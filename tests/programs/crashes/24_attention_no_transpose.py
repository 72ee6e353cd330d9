import torch
import torch.nn.functional as F

q = torch.randn(2, 5, 64)
k = torch.randn(2, 7, 64)
v = torch.randn(2, 7, 64)
scores = torch.bmm(q, k) / 8
weights = F.softmax(scores, dim=-1)
out = torch.bmm(weights, v)
