import torch
import torch.nn as nn

tokens = torch.tensor([[1., 4., 2.], [3., 0., 5.]])
emb = nn.Embedding(10, 8)
print(emb(tokens).shape)
