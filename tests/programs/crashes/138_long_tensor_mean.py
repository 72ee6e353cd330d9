import torch
counts = torch.randint(0, 9, (4, 6))
print(counts.mean(dim=1))
