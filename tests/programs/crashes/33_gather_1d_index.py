import torch
import torch.nn as nn

q_net = nn.Linear(4, 2)
states = torch.randn(32, 4)
actions = torch.randint(0, 2, (32,))
q_values = q_net(states).gather(1, actions)
