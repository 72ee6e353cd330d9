import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

batch_size = 32
train = DataLoader(TensorDataset(torch.randn(100, 1, 28, 28), torch.randint(0, 10, (100,))), batch_size=batch_size)
fc = nn.Linear(784, 10)
for images, labels in train:
    x = images.view(batch_size, 784)
    loss = nn.functional.cross_entropy(fc(x), labels)
