import torch
labels = torch.randint(0, 5, (10,))
print(labels[:, 0])
