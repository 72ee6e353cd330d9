"""EEG: files hold channel after channel; the network wants samples x channels."""
import numpy as np
import torch
import torch.nn as nn

rs = np.random.RandomState(52)
n_channels, n_samples = 4, 60
recording = (rs.randn(n_channels, n_samples) + np.arange(n_channels)[:, None]).astype(np.float32)
raw = recording.ravel()                                   # as read from disk
signal = torch.from_numpy(raw).view(n_channels, n_samples)
signal = signal.t()
torch.manual_seed(52)
net = nn.Linear(n_channels, n_channels)
opt = torch.optim.SGD(net.parameters(), lr=0.02)
for i in range(20):
    loss = ((net(signal[:-1]) - signal[1:]) ** 2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
print("RESULT", round(loss.item(), 5))
