import torch
import torch.nn as nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 3)
        self.conv2 = nn.Conv2d(3, 32, 3)
    def forward(self, x):
        x = torch.relu(self.conv1(x))
        return torch.relu(self.conv2(x))

net = Net()
print(net(torch.rand(8, 1, 28, 28)).shape)
