import torch, torch.nn as nn
emb = nn.Embedding(50, 8)
lstm = nn.LSTM(8, 16)
h = (torch.zeros(1, 1, 16), torch.zeros(1, 1, 16))
word = torch.tensor(7)
out, h = lstm(emb(word), h)
