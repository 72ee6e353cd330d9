import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(123)


class ElmanRNN(nn.Module):
    """A recurrent network written out; x comes as (batch, time, features)."""

    def __init__(self, d, hidden):
        super().__init__()
        self.hidden = hidden
        self.inp, self.rec, self.out = nn.Linear(d, hidden), nn.Linear(hidden, hidden), nn.Linear(hidden, 1)

    def forward(self, x):
        state = torch.zeros(self.hidden)
        outputs = []
        for step in x.unbind(1):
            state = torch.tanh(self.inp(step) + self.rec(state))
            outputs.append(self.out(state))
        return torch.stack(outputs, dim=1)


net = ElmanRNN(3, 8)
opt = torch.optim.Adam(net.parameters(), lr=0.02)
waves = torch.sin(torch.arange(6.0) + torch.rand(18, 1) * 6)
data = TensorDataset(torch.stack([waves, waves.cos(), waves * 0], dim=2), waves.unsqueeze(-1))
for x, y in DataLoader(data, batch_size=6):
    loss = nn.functional.mse_loss(net(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
print("RESULT", round(loss.item(), 5))
