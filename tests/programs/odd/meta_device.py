import torch
with torch.device("meta"):
    net = torch.nn.TransformerEncoderLayer(8, 2)
    print(net(torch.randn(5, 3, 8)).shape)
net = torch.nn.Linear(3, 4, device="meta").to_empty(device="cpu"); torch.nn.init.zeros_(net.weight); torch.nn.init.zeros_(net.bias)
print(net(torch.ones(2, 3)))
from torch._subclasses.fake_tensor import FakeTensorMode
with FakeTensorMode() as m:
    x = torch.randn(4, 5); print((x @ x.t()).shape, torch.nn.LSTM(5, 2)(x)[0].shape)
del x, m
torch.set_default_device("cpu"); print(torch.ones(1).device)
with torch.device("cpu"): print(torch.zeros(2).sum())
