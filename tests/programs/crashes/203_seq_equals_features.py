import torch, torch.nn as nn
x = torch.randn(16, 10, 12)
lstm = nn.LSTM(10, 20, batch_first=True)
lstm(x)
