import numpy as np, torch, torch.nn as nn
np.random.seed(0); torch.manual_seed(0)
n_trials, n_times, n_channels = 16, 30, 4
eeg = np.random.randn(n_trials, n_times, n_channels).astype(np.float32)
labels = np.random.randint(0, 2, n_trials)
eeg = (eeg - eeg.mean(axis=1, keepdims=True)) / eeg.std(axis=1, keepdims=True)
eeg = eeg.transpose(0, 2, 1)
x, y = torch.FloatTensor(eeg), torch.LongTensor(labels)
net = nn.Sequential(nn.Conv1d(n_channels, 8, 5), nn.ReLU(), nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(8, 2))
print("RESULT", nn.functional.cross_entropy(net(x), y).item())
