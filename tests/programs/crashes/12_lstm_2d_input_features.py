import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

seq_len = 24
prices = torch.randn(300, seq_len)
target = torch.randn(300, 1)
loader = DataLoader(TensorDataset(prices, target), batch_size=30)
lstm = nn.LSTM(input_size=1, hidden_size=32, batch_first=True)
for x, y in loader:
    out, _ = lstm(x)
    print(out.shape)
    break
