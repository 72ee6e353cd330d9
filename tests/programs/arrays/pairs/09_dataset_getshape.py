import numpy as np, torch, torch.nn as nn
np.random.seed(0); torch.manual_seed(0)
def to_channels_first(data):
    n_samples, seq_len, n_features = data.shape
    return data.reshape(n_samples, n_features, seq_len)
data = np.random.rand(10, 14, 5).astype(np.float32)
data = np.log1p(data)
x = torch.from_numpy(to_channels_first(data))
conv = nn.Conv1d(5, 4, 3)
print("RESULT", conv(x).sum().item())
