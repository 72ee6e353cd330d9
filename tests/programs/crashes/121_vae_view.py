import torch, torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset
BATCH = 64
data = DataLoader(TensorDataset(torch.rand(200, 1, 28, 28)), batch_size=BATCH)
for (x,) in data:
    flat = x.view(BATCH, 784)
