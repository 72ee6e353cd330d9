import torch, torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset
loader = DataLoader(TensorDataset(torch.randn(70, 12, 3)), batch_size=32)
lstm = nn.LSTM(3, 8, batch_first=True)
state = None
for (x,) in loader:
    out, state = lstm(x, state)
    state = (state[0].detach(), state[1].detach())
