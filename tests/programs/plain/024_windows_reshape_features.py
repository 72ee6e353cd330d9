"""Multivariate time series: cut into windows for a CNN that wants (batch, channels, time)."""
import numpy as np
import torch
import torch.nn as nn

rng = np.random.default_rng(3)
n_steps, n_features, window = 48, 3, 12
series = np.stack([np.sin(np.arange(n_steps) / 3),
                   np.cos(np.arange(n_steps) / 5),
                   rng.normal(size=n_steps)], axis=1).astype(np.float32)
windows = torch.from_numpy(np.stack([series[i:i + window] for i in range(n_steps - window)]))
labels = torch.tensor([float(series[i + window, 0]) for i in range(n_steps - window)])
print("windows", windows.shape)

inputs = windows.reshape(len(windows), n_features, window)  # BUG: (N, time, features) must be permuted, a reshape mixes sensors and time steps

torch.manual_seed(3)
cnn = nn.Sequential(nn.Conv1d(n_features, 6, 3), nn.ReLU(), nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(6, 1))
opt = torch.optim.Adam(cnn.parameters(), lr=0.02)
for e in range(15):
    loss = nn.functional.mse_loss(cnn(inputs).squeeze(1), labels)
    opt.zero_grad()
    loss.backward()
    opt.step()
print("RESULT", round(loss.item(), 5))
