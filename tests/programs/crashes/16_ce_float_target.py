import torch
import torch.nn as nn
import numpy as np

X = torch.tensor(np.random.randn(60, 4), dtype=torch.float32)
y = torch.tensor(np.random.randint(0, 3, 60).astype(np.float32))
net = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 3))
loss = nn.CrossEntropyLoss()(net(X), y)
loss.backward()
