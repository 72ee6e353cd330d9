import torch, torch.nn as nn
emb = nn.Embedding(100, 32)
fc = nn.Linear(20, 5)
tok = torch.randint(0, 100, (8, 20))
fc(emb(tok))
