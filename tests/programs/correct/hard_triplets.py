import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(67)
net = nn.Sequential(nn.Linear(10, 16), nn.ReLU(), nn.Linear(16, 8))
opt = torch.optim.Adam(net.parameters(), lr=0.01)
labels = torch.tensor([0, 0, 1, 1, 2, 2, 3, 3])
x = torch.randn(4, 10)[labels] + 2 * torch.randn(8, 10)
for _ in range(6):
    z = F.normalize(net(x), dim=1)
    dist = torch.cdist(z, z)
    same = labels.unsqueeze(0) == labels.unsqueeze(1)
    hardest_positive = (dist * same).max(dim=1).values
    hardest_negative = dist.masked_fill(same, float("inf")).min(dim=1).values
    loss = F.relu(hardest_positive - hardest_negative + 0.3).mean()
    all_triplets = F.relu(dist.unsqueeze(2) - dist.unsqueeze(1) + 0.3)
    valid = (same.unsqueeze(2) & ~same.unsqueeze(1)).float()
    loss = loss + (all_triplets * valid).sum() / valid.sum()
    opt.zero_grad()
    loss.backward()
    opt.step()
print("RESULT", round(loss.item(), 5))
