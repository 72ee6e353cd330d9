import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

batch_size = 16
loader = DataLoader(TensorDataset(torch.randn(100, 10, 4), torch.randn(100, 1)), batch_size=batch_size)
lstm = nn.LSTM(4, 20, batch_first=True)
fc = nn.Linear(20, 1)
h = torch.zeros(1, batch_size, 20)
c = torch.zeros(1, batch_size, 20)
for x, y in loader:
    out, (hn, cn) = lstm(x, (h, c))
    loss = ((fc(out[:, -1]) - y) ** 2).mean()
