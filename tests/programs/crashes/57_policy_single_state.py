import torch
import torch.nn as nn
import torch.nn.functional as F

net = nn.Linear(4, 2)
state = torch.randn(4)
probs = F.softmax(net(state), dim=1)
