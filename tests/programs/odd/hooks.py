import torch
from torch import nn
net = nn.Sequential(nn.Linear(3, 4), nn.LSTM(4, 2))
log = []
for m in net.modules():
    m.register_forward_pre_hook(lambda m, a: log.append(("pre", type(m).__name__)))
    m.register_forward_hook(lambda m, a, o: log.append(("post", type(m).__name__)))
    m.register_full_backward_hook(lambda m, gi, go: log.append(("back", type(m).__name__)))
x = torch.randn(5, 2, 3, requires_grad=True)
x.register_hook(lambda g: log.append(("tensor", tuple(g.shape))))
out, (h, c) = net(x)
out.sum().backward()
print(log)
h2 = nn.modules.module.register_module_forward_hook(lambda m, a, o: print("global", type(m).__name__))
net(x); h2.remove(); net(x)
print(len(nn.modules.module._global_forward_hooks) >= 0)
