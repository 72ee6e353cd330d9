import torch
import torch.nn as nn

class PositionalEncoding(nn.Module):
    def __init__(self, d_model, max_len=50):
        super().__init__()
        self.pe = nn.Parameter(torch.zeros(1, max_len, d_model))
    def forward(self, x):
        return x + self.pe

pos = PositionalEncoding(32)
print(pos(torch.randn(4, 12, 32)).shape)
