import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

X = torch.rand(200, 28, 28)
y = torch.randint(0, 10, (200,))
train = DataLoader(TensorDataset(X, y), batch_size=50)
model = nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(8 * 26 * 26, 10))
for xb, yb in train:
    pred = model(xb)
    loss = nn.functional.cross_entropy(pred, yb)
