import torch
import torch.nn as nn

torch.manual_seed(20)
S, N, E = 6, 6, 8
pad_id = 0
ids = torch.randint(1, 20, (N, S))
lengths = [6, 4, 3, 6, 2, 5]
for i, l in enumerate(lengths):
    ids[i, l:] = pad_id

emb = nn.Embedding(20, E)
layer = nn.TransformerEncoderLayer(E, 2, 16, dropout=0.0)
fc = nn.Linear(E, 2)
src = emb(ids).transpose(0, 1)          # (S, N, E)
mask = (ids == pad_id).transpose(0, 1)  # BUG: src_key_padding_mask is (N, S) whatever the layout of src
layer.train()
out = layer(src, src_key_padding_mask=mask)
first = out[0]                           # (N, E)
print("RESULT", [round(v, 4) for v in fc(first)[:, 0].tolist()])
