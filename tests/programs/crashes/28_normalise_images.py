import torch

batch = torch.rand(8, 3, 32, 32)
mean = torch.tensor([0.485, 0.456, 0.406])
std = torch.tensor([0.229, 0.224, 0.225])
batch = (batch - mean) / std
