"""Sum the two directions of a bidirectional GRU, time first."""
import torch
import torch.nn as nn

torch.manual_seed(34)
T, B, F_in, H = 6, 3, 4, 5
gru = nn.GRU(F_in, H, num_layers=1, bidirectional=True)
x = torch.randn(T, B, F_in)
out, _ = gru(x)                         # (T, B, 2H)
summed = out.view(T, B, H, 2).sum(dim=3)  # BUG: the last axis is laid out direction by direction: (2, H), not (H, 2)
weights = torch.linspace(-1, 1, H)
print("RESULT", round((summed * weights).sum().item(), 5))
