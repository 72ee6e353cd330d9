import torch, torch.nn as nn
X = torch.randn(150, 5)
net = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 3))
print(net(X).shape)
