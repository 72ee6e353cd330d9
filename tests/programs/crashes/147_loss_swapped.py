import torch, torch.nn as nn
model = nn.Linear(4, 3)
x = torch.randn(10, 4); y = torch.randint(0, 3, (10,))
out = model(x)
loss = nn.CrossEntropyLoss()(y, out)
