import torch
from torch import nn


class SEBlock(nn.Module):
    def __init__(self, ch, r=2):
        super().__init__()
        self.fc = nn.Sequential(nn.Linear(ch, ch // r), nn.ReLU(), nn.Linear(ch // r, ch), nn.Sigmoid())

    def forward(self, x):
        N, C, H, W = x.shape
        s = x.mean(dim=(2, 3))
        return x * self.fc(s).view(N, C, 1, 1)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(1, 8, 3, padding=1)
        self.se = SEBlock(8)
        self.fc = nn.Linear(8, 3)

    def forward(self, x):
        return self.fc(self.se(torch.relu(self.stem(x))).mean(dim=(2, 3)))


torch.manual_seed(47)
net = Net()
optim = torch.optim.Adam(net.parameters(), lr=0.02)
X, Y = torch.rand(6, 1, 8, 8), torch.randint(0, 3, (6,))
for e in range(8):
    l = nn.functional.cross_entropy(net(X), Y)
    optim.zero_grad(); l.backward(); optim.step()
print("RESULT", round(l.item(), 5))
