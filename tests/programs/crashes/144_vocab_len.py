import torch, torch.nn as nn
text = "hello world"
chars = sorted(set(text))
stoi = {c: i + 1 for i, c in enumerate(chars)}
emb = nn.Embedding(len(chars), 4)
ids = torch.tensor([stoi[c] for c in text])
emb(ids)
