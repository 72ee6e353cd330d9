import torch
import torch.nn as nn

torch.manual_seed(39)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(6, 8), nn.Linear(8, 6)

    def forward(self, x):
        b, t, d = x.shape
        h = torch.relu(self.fc1(x.reshape(b * t, d)))
        return self.fc2(h).view(b, t, d).mean(dim=1)


net = Net()
fast = torch.compile(net, backend="eager")
x = torch.randn(4, 5, 6)
loss = (fast(x) - x[:, 0]).pow(2).mean()
loss.backward()
assert torch.allclose(fast(x), net(x))
print("RESULT", round(loss.item(), 6))
