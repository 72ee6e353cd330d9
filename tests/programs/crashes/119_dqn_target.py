import torch, torch.nn as nn
net = nn.Linear(4, 3)
batch = torch.randn(32, 4)
action = torch.randint(0, 3, (32,))
q = torch.gather(net(batch), 1, action)
