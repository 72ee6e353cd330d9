import torch
scores = torch.softmax(torch.randn(8, 15), dim=1)
hidden = torch.randn(8, 15, 32)
context = (scores * hidden).sum(1)
