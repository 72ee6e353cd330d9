"""Named tuples and dataclasses of tensors, a module called with keywords, a generator, a hook."""
from collections import namedtuple
from dataclasses import dataclass
import torch
import torch.nn as nn

torch.manual_seed(75)
Output = namedtuple("Output", "logits hidden")


@dataclass
class Batch:
    x: torch.Tensor
    y: torch.Tensor

    def to(self, *args):
        return Batch(self.x.to(*args), self.y.to(*args))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body, self.head = nn.Linear(5, 5), nn.Linear(5, 5)

    def forward(self, *, inputs, scale=1.0):
        hidden = torch.tanh(self.body(inputs)) * scale
        return Output(logits=self.head(hidden), hidden=hidden)


def batches(n):
    for _ in range(n):
        x = torch.randn(5, 5)
        yield Batch(x, x.argmax(dim=1))


net = Net()
norms = []
handle = net.body.register_forward_hook(lambda m, i, o: norms.append(o.norm(dim=1).mean().item()))
opt = torch.optim.SGD(net.parameters(), lr=0.2)
for batch in batches(6):
    batch = batch.to(torch.device("cpu"))
    out = net(inputs=batch.x, scale=0.5)
    loss = nn.functional.cross_entropy(out.logits, batch.y) + 0.01 * out.hidden.pow(2).sum(dim=1).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
handle.remove()
print("RESULT", round(loss.item(), 5), round(sum(norms), 4))
