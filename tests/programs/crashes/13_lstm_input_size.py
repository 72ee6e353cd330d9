import torch
import torch.nn as nn

lstm = nn.LSTM(5, 32, batch_first=True)
sequences = torch.randn(16, 20, 6)
out, (h, c) = lstm(sequences)
