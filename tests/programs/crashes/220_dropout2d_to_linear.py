import torch, torch.nn as nn
class M(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(5, 16, batch_first=True)
        self.out = nn.Linear(32, 2)
    def forward(self, x):
        o, h = self.gru(x)
        return self.out(o[:, -1])
M()(torch.randn(3, 7, 5))
