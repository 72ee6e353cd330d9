import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(120)


class Gated(nn.Module):
    def __init__(self):
        super().__init__()
        self.gate, self.value, self.out = nn.Linear(5, 8), nn.Linear(5, 8), nn.Linear(8, 2)

    def forward(self, x):
        gate = torch.softmax(self.gate(x), dim=-1)
        return self.out(gate * torch.tanh(self.value(x)))


net = Gated()
opt = torch.optim.Adam(net.parameters(), lr=0.02)
for x, y in DataLoader(TensorDataset(torch.randn(24, 5), torch.randint(0, 2, (24,))), batch_size=6):
    loss = nn.functional.cross_entropy(net(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
print("RESULT", round(loss.item(), 5))
