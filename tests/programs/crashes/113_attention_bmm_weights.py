import torch
weights = torch.softmax(torch.randn(8, 15), dim=1)
encoder = torch.randn(8, 15, 32)
context = torch.bmm(weights, encoder)
