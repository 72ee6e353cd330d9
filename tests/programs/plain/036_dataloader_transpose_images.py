import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

np.random.seed(15)
torch.manual_seed(15)
X = np.random.rand(24, 10, 10, 3).astype("float32")
y = (X[..., 0].mean(axis=(1, 2)) > X[..., 2].mean(axis=(1, 2))).astype("int64")
X = torch.tensor(X)
loader = DataLoader(TensorDataset(X, torch.tensor(y)), batch_size=8)

model = nn.Sequential(
    nn.Conv2d(3, 6, 3, padding=1), nn.ReLU(), nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(24, 2)
)
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(3):
    for img, label in loader:
        output = model(img)  # BUG: Conv2d wants (N, 3, H, W); the images are still (N, H, W, 3)
        loss = nn.functional.cross_entropy(output, label)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
print("RESULT", round(loss.item(), 5))
