import torch, torch.nn as nn
signals = torch.randn(32, 1000)
conv = nn.Conv1d(1, 16, 7)
out = conv(signals)
