import torch, torch.nn as nn
logits = torch.randn(4, 4, 7)
y = torch.randint(0, 4, (4, 4))
nn.CrossEntropyLoss()(logits, y)
