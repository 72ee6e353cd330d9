import torch, torch.nn as nn
net = nn.Linear(5, 3)
x = torch.randn(20, 5)
y = torch.randint(0, 3, (20,)).float()
loss = nn.MSELoss()(net(x), y)
