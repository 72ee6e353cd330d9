import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(65)
batch, time_steps, channels = 4, 12, 12
ecg = torch.randn(batch, time_steps, channels)
y = torch.randint(0, 2, (batch,))
lstm = nn.LSTM(channels, 6, batch_first=True)
inp = nn.Linear(channels, channels)
fc = nn.Linear(6, 2)
# halve the sampling rate, then bring it back for the network
slow = F.interpolate(F.avg_pool1d(inp(ecg).transpose(1, 2), 2), scale_factor=2).transpose(1, 2)
out, _ = lstm(slow)
loss = F.cross_entropy(fc(out[:, -1]), y)
print("RESULT", round(loss.item(), 6))
