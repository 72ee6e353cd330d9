import torch
import torch.nn as nn

class AE(nn.Module):
    def __init__(self):
        super().__init__()
        self.enc = nn.Linear(784, 32)
        self.dec = nn.Linear(32, 784)
    def forward(self, x):
        x = x.flatten(1)
        return self.dec(torch.relu(self.enc(x)))

images = torch.rand(64, 1, 28, 28)
loss = nn.MSELoss()(AE()(images), images)
