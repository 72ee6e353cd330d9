import torch
hidden = torch.randn(8, 32)
enc = torch.randn(8, 15, 64)
energy = torch.cat((hidden, enc), dim=2)
