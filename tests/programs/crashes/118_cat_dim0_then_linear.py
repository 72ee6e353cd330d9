import torch, torch.nn as nn
user = nn.Embedding(100, 24)
item = nn.Embedding(200, 24)
fc = nn.Linear(48, 1)
u = torch.randint(0, 100, (64,))
i = torch.randint(0, 200, (64,))
x = torch.cat([user(u), item(i)])
score = fc(x)
