import torch, functools
import torch.nn.functional as F
old = torch.matmul
@functools.wraps(old)
def mine(a, b): print("matmul", tuple(a.shape)); return old(a, b)
torch.matmul = mine; print(torch.matmul(torch.ones(2, 3), torch.ones(3, 2)).shape)
F.relu = lambda x, inplace=False: x.clamp(min=0); print(torch.nn.ReLU()(torch.tensor([-1., 2.])))
torch.Tensor.double_it = lambda self: self * 2; print(torch.ones(2).double_it())
orig = torch.Tensor.view
def view(self, *s): return orig(self, *s)
torch.Tensor.view = view; print(torch.ones(6).view(2, 3).shape)
torch.randn = lambda *a: torch.zeros(*a); print(torch.randn(2))
torch.nn.Linear.forward = lambda self, x: x; print(torch.nn.Linear(2, 3)(torch.ones(2)).shape)
from torch.utils.data import DataLoader
old_iter = DataLoader.__iter__
DataLoader.__iter__ = lambda self: old_iter(self); print(len(list(DataLoader(torch.ones(4, 2), batch_size=2))))
