import torch

labels = torch.tensor([2, 0, 1, 3])
one_hot = torch.zeros(4, 5)
one_hot.scatter_(1, labels, 1.0)
