import torch
import torch.nn as nn

torch.manual_seed(44)
# 3 RGB frames per clip: (batch, time, channels, height, width)
batch_size = 4
clips = torch.rand(batch_size, 3, 3, 8, 8)
labels = torch.tensor([0, 1, 0, 1])
net = nn.Sequential(nn.Conv3d(3, 4, (2, 3, 3)), nn.ReLU(), nn.AdaptiveMaxPool3d(1), nn.Flatten(), nn.Linear(4, 2))
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for step in range(4):
    scores = net(clips.transpose(1, 2))
    loss = nn.functional.cross_entropy(scores, labels)
    opt.zero_grad()
    loss.backward()
    opt.step()
print("RESULT", round(loss.item(), 5))
