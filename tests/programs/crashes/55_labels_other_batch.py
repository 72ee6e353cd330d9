import torch
import torch.nn as nn

x_train = torch.randn(80, 5)
y_test = torch.randint(0, 2, (20,))
y_train = torch.randint(0, 2, (80,))
net = nn.Linear(5, 2)
loss = nn.CrossEntropyLoss()(net(x_train), y_test)
