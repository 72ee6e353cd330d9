import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(124)


class Block(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.mix, self.out = nn.Linear(d, d), nn.Linear(d, 3)

    def forward(self, x):
        h = x + torch.relu(self.mix(x))
        h = F.layer_norm(h, h.shape)  # BUG: normalises over batch and steps as well, not over the features alone
        return self.out(h)


net = Block(8)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
data = TensorDataset(torch.randn(16, 5, 8) * torch.linspace(0.2, 4, 16).view(-1, 1, 1), torch.randint(0, 3, (16, 5)))
for x, y in DataLoader(data, batch_size=4):
    loss = F.cross_entropy(net(x).transpose(1, 2), y)
    opt.zero_grad(); loss.backward(); opt.step()
print("RESULT", round(loss.item(), 5))
