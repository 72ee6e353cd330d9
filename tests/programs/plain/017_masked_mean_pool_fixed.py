"""Average the word vectors of each sentence without the padding."""
import torch
import torch.nn as nn

torch.manual_seed(14)
PAD = 0
sentences = torch.tensor([
    [4, 7, 2, 9, 3, 6],
    [5, 1, 8, 0, 0, 0],
    [2, 2, 0, 0, 0, 0],
])
emb = nn.Embedding(10, 6, padding_idx=PAD)
emb.weight.data += 0.5  # padding is not zero any more
clf = nn.Linear(6, 2)
vecs = emb(sentences)                    # (n_sent, n_words, emb_dim)
mask = (sentences != PAD).float()        # (n_sent, n_words)
summed = (vecs * mask.unsqueeze(2)).sum(dim=1)
mean = summed / mask.sum(dim=1, keepdim=True)
print(mean.shape)
out = clf(mean)
print("RESULT", [round(v, 4) for v in out.flatten().tolist()])
