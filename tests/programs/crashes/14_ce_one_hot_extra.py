import torch
import torch.nn as nn

model = nn.Linear(20, 3)
x = torch.randn(50, 20)
y = torch.randint(0, 3, (50, 1))
criterion = nn.CrossEntropyLoss()
loss = criterion(model(x), y)
print(loss.item())
