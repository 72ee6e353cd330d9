import torch
import torch.nn.functional as F

logits = torch.randn(32, 10)
probs = F.softmax(logits, dim=2)
