import torch

W1 = torch.randn(20, 5, requires_grad=True)
X = torch.randn(100, 20)
H = torch.relu(W1 @ X)
