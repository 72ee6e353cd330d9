import torch, torch.nn as nn
lstm = nn.LSTM(8, 16, bidirectional=True, batch_first=True)
h = torch.zeros(1, 4, 16)
lstm(torch.randn(4, 5, 8), (h, h))
