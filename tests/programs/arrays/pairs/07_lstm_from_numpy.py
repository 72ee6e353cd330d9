import numpy as np, torch, torch.nn as nn
np.random.seed(0); torch.manual_seed(0)
n_seqs, seq_len, n_feat = 20, 12, 3
data = np.random.randn(n_seqs, seq_len, n_feat)
data = (data - data.mean(axis=(0, 1))) / data.std(axis=(0, 1))
target = data[:, -1, 0]
x = torch.tensor(data, dtype=torch.float32)
lstm, fc = nn.LSTM(n_feat, 8), nn.Linear(8, 1)
out, _ = lstm(x)
loss = ((fc(out[:, -1]).squeeze(-1) - torch.tensor(target, dtype=torch.float32)) ** 2).mean()
print("RESULT", loss.item())
