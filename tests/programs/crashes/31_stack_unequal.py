import torch

sentences = [[4, 2, 9], [7, 1], [3, 3, 8, 5]]
tensors = [torch.tensor(s) for s in sentences]
batch = torch.stack(tensors)
