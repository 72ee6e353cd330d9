"""Sentences are sorted by length to be packed; one model puts them back, one says the order."""
import numpy as np
import torch
import torch.nn as nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(113)


class PutsBack(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb, self.gru, self.fc = nn.Embedding(20, 6), nn.GRU(6, 5, batch_first=True), nn.Linear(5, 2)

    def forward(self, tokens, lengths):
        lengths, order = lengths.sort(descending=True)
        packed = pack_padded_sequence(self.emb(tokens[order]), lengths, batch_first=True)
        _, h = self.gru(packed)
        return self.fc(h[-1][order.argsort()])


class SaysTheOrder(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb, self.gru, self.fc = nn.Embedding(20, 6), nn.GRU(6, 5, batch_first=True), nn.Linear(5, 2)

    def forward(self, tokens, lengths):
        order = np.argsort(-lengths.numpy(), kind="stable")
        tokens, lengths = tokens[order], lengths[order]
        out, _ = self.gru(pack_padded_sequence(self.emb(tokens), lengths, batch_first=True))
        out, _ = pad_packed_sequence(out, batch_first=True)
        last = out[torch.arange(len(lengths)), lengths - 1]
        return self.fc(last), torch.from_numpy(order)


lengths = torch.randint(2, 8, (18,))
tokens = torch.randint(1, 20, (18, 8)) * (torch.arange(8) < lengths[:, None])
data = TensorDataset(tokens, lengths, torch.randint(0, 2, (18,)))
a, b = PutsBack(), SaysTheOrder()
opt = torch.optim.Adam([*a.parameters(), *b.parameters()], lr=0.02)
for t, n, y in DataLoader(data, batch_size=6):
    logits, order = b(t, n)
    loss = nn.functional.cross_entropy(a(t, n), y) + nn.functional.cross_entropy(logits, y[order])
    opt.zero_grad(); loss.backward(); opt.step()
print("RESULT", round(loss.item(), 5))
