import torch
import torch.nn as nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

torch.manual_seed(15)
seqs = sorted([torch.randn(n, 3) for n in (2, 6, 4, 5)], key=len, reverse=True)
lengths = [len(s) for s in seqs]
padded = pad_sequence(seqs)                      # (time, batch, feature)
lstm = nn.LSTM(3, 4, bidirectional=True)
packed_out, (h, c) = lstm(pack_padded_sequence(padded, lengths))
out, out_lengths = pad_packed_sequence(packed_out)
final = torch.cat([h[0], h[1]], dim=1)           # (batch, 2 * hidden)
last_forward = torch.stack([out[n - 1, i, :4] for i, n in enumerate(lengths)])
assert torch.allclose(last_forward, h[0])
logits = nn.Linear(8, 2)(final)
loss = nn.functional.cross_entropy(logits, torch.tensor([0, 1, 1, 0]))
print("RESULT", round(loss.item(), 6))
