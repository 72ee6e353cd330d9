import torch, torch.nn.functional as F
V = 30
logits = torch.randn(6, 11, V)
target = torch.randint(0, V, (6, 11))
loss = F.cross_entropy(logits, target.view(-1))
