import torch
import torch.nn as nn

torch.manual_seed(73)


class GatedBlock(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.dim = dim
        self.filter = nn.Linear(dim, dim)
        self.gate = nn.Linear(dim, dim)

    def fused(self, x):
        # one matmul for both
        W = torch.cat([self.filter.weight, self.gate.weight], dim=0)
        b = torch.cat([self.filter.bias, self.gate.bias], dim=0)
        both = x @ W.t() + b                                 # (batch, 2 * dim)
        f, g = both.view(-1, 2, self.dim).unbind(1)
        return torch.tanh(f) * torch.sigmoid(g)


block = GatedBlock(4)
x = torch.randn(5, 4)
print("RESULT", [round(v, 4) for v in block.fused(x)[0].tolist()])
