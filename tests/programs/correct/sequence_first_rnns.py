"""RNN, GRU and LSTM used time first, as their defaults want it."""
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(54)
loader = DataLoader(TensorDataset(torch.randn(20, 5, 3), torch.randint(0, 2, (20,))), batch_size=5)
rnn, gru, lstm = nn.RNN(3, 4), nn.GRU(3, 4, 2), nn.LSTM(3, 4, bidirectional=True)
fc = nn.Linear(16, 2)
opt = torch.optim.Adam([p for m in (rnn, gru, lstm, fc) for p in m.parameters()], lr=0.02)
for x, y in loader:
    seq = x.permute(1, 0, 2)
    out, h0 = rnn(seq, torch.zeros(1, seq.size(1), 4))
    _, h1 = gru(seq)
    both, (h2, _) = lstm(seq)
    feats = torch.cat([out[-1], h1[-1], h2[0], both[0, :, 4:]], dim=1)
    loss = nn.functional.cross_entropy(fc(feats), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
print("RESULT", round(loss.item(), 5))
