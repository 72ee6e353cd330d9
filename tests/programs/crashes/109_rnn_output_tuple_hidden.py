import torch, torch.nn as nn, torch.nn.functional as F
rnn = nn.GRU(6, 12, batch_first=True)
fc = nn.Linear(12, 2)
x = torch.randn(9, 5, 6)
y = torch.randint(0, 2, (9,))
_, h = rnn(x)
loss = F.cross_entropy(fc(h), y)
