import torch
import torch.nn as nn
from torch.nn.utils.rnn import pad_sequence, pack_padded_sequence, pad_packed_sequence

torch.manual_seed(36)
seqs = [torch.randn(l, 3) for l in (5, 4, 2, 3)]
lengths = torch.tensor([len(s) for s in seqs])
padded = pad_sequence(seqs, batch_first=True)
gru = nn.GRU(3, 4, batch_first=True)
packed = pack_padded_sequence(padded, lengths, batch_first=True, enforce_sorted=False)
_, h = gru(packed)
print("RESULT", [round(v, 4) for v in h[0, :, 0].tolist()])
