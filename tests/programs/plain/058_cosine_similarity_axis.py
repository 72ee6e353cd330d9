import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(37)
n_pairs = 6
question = torch.randn(n_pairs, 6)
answer = question + 0.5 * torch.randn(n_pairs, 6)
sim = F.cosine_similarity(question, answer, dim=0)  # BUG: similarity of feature columns over all pairs, not of each question with its answer
relevant = torch.tensor([1.0, 1, 1, 0, 1, 0])
loss = F.mse_loss(sim, relevant)
print(sim)
print("RESULT", round(loss.item(), 5))
