import torch
import torch.nn as nn

torch.manual_seed(14)
B, L, D = 2, 6, 6
queries = torch.randn(B, L, D)
keys = torch.randn(B, L, D)
values = torch.randn(B, L, D)
energy = torch.bmm(queries, keys.transpose(1, 2)) / D ** 0.5   # B x L x L
alpha = torch.softmax(energy, dim=2)
context = torch.bmm(values, alpha)  # BUG: bmm(values, alpha) contracts features with positions; only L == D lets it run
print("RESULT", [round(v, 4) for v in context[0, 0].tolist()])
