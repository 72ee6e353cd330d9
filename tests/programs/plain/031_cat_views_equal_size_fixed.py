import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(10)
# left and right camera, 4 features each; the model wants the features of both cameras
batch = 4
left = torch.randn(batch, 4, 4)     # batch, time, feature
right = torch.randn(batch, 4, 4)
rnn = nn.GRU(4, 6, batch_first=True)
cls = nn.Linear(12, 2)
_, hl = rnn(left)
_, hr = rnn(right)
target = torch.tensor([0, 1, 1, 0])
feats = torch.stack([hl[0], hr[0]], dim=1).reshape(batch, -1)
loss = F.cross_entropy(cls(feats), target)
print("RESULT", round(loss.item(), 6))
