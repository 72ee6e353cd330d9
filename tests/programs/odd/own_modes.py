import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
class Count(TorchFunctionMode):
    n = 0
    def __torch_function__(self, func, types, args=(), kwargs=None):
        Count.n += 1
        return func(*args, **(kwargs or {}))
class Disp(TorchDispatchMode):
    n = 0
    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        Disp.n += 1
        return func(*args, **(kwargs or {}))
net = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.ReLU(), torch.nn.LSTM(4, 2))
with Count(), Disp():
    out, _ = net(torch.randn(5, 2, 3))
    out.sum().backward()
print(Count.n, Disp.n, torch.overrides._get_current_function_mode() is None or True)
from torch.utils.flop_counter import FlopCounterMode
with FlopCounterMode(display=False) as f: net(torch.randn(5, 2, 3))
print(f.get_total_flops())
