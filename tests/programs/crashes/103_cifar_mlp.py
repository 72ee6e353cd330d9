import torch, torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset
loader = DataLoader(TensorDataset(torch.rand(64, 3, 32, 32), torch.randint(0, 10, (64,))), 16)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1 = nn.Linear(784, 100)
        self.l2 = nn.Linear(100, 10)
    def forward(self, x):
        return self.l2(torch.relu(self.l1(x)))
net = Net()
for xb, yb in loader:
    net(xb)
