import torch
import torch.nn as nn

torch.manual_seed(9)
N, E, H = 4, 4, 4
context = torch.randn(N, H)
word = torch.randn(N, E)
proj = nn.Linear(E + H, 3)
inp = torch.cat((word, context), dim=1)
print(inp.shape)
scores = proj(inp)
print("RESULT", [round(s, 4) for s in scores.sum(0).tolist()])
