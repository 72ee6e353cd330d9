import numpy as np, torch, torch.nn as nn
np.random.seed(0); torch.manual_seed(0)
seq_len, batch_size, input_dim = 9, 6, 4
batch = np.stack([np.random.randn(seq_len, input_dim) for _ in range(batch_size)]).astype(np.float32)
batch = batch.reshape(seq_len, batch_size, input_dim)
rnn = nn.GRU(input_dim, 5); out, h = rnn(torch.from_numpy(batch))
print("RESULT", h.sum().item())
