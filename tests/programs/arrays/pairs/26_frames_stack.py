import numpy as np, torch, torch.nn as nn
np.random.seed(0); torch.manual_seed(0)
batch_size, seq_len, hidden = 5, 7, 6
x = np.random.randn(seq_len, batch_size, 3).astype(np.float32)
steps = []
for t in range(seq_len):
    steps.append(np.tanh(x[t] * 0.5))
seq = np.stack(steps, axis=0)
gru = nn.GRU(3, hidden, batch_first=True)
out, h = gru(torch.from_numpy(seq))
print("RESULT", out[:, -1].sum().item())
