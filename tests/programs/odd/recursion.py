import torch, sys
def deep(x, n): return x.sum() if n == 0 else deep(x + 1, n - 1)
print(deep(torch.zeros(2, 2), 400))
try:
    def forever(x): return forever(x * 1)
    forever(torch.ones(1))
except RecursionError as e: print("recursion", "maximum" in str(e))
class Tree(torch.nn.Module):
    def __init__(self, d): super().__init__(); self.k = torch.nn.ModuleList([Tree(d-1), Tree(d-1)]) if d else None; self.l = torch.nn.Linear(2, 2)
    def forward(self, x): return self.l(x) if self.k is None else self.l(self.k[0](x) + self.k[1](x))
print(Tree(5)(torch.ones(3, 2)).shape)
