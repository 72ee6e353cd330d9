import torch, warnings
warnings.simplefilter("ignore")
from typing import List
@torch.jit.script
def f(x: torch.Tensor, n: int) -> torch.Tensor:
    for i in range(n):
        x = x + x.mean(dim=0)
    return x
print(f(torch.ones(2, 3), 3))
class M(torch.nn.Module):
    def __init__(self): super().__init__(); self.l = torch.nn.LSTM(3, 2)
    def forward(self, x): return self.l(x)[0][-1]
torch.manual_seed(0); m = M()
t = torch.jit.trace(m, torch.ones(4, 2, 3)); s = torch.jit.script(m)
print(t(torch.ones(4, 2, 3)), s(torch.ones(4, 2, 3)), torch.jit.freeze(s.eval())(torch.ones(4, 2, 3)).shape)
fut = torch.jit.fork(f, torch.ones(2, 2), 1); print(torch.jit.wait(fut))
