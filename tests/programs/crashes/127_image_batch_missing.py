import torch, torch.nn as nn
net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 30 * 30, 2))
img = torch.rand(3, 32, 32)
print(net(img))
