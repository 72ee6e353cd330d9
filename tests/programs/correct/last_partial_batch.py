import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(56)
dataset = TensorDataset(torch.randn(17, 6, 3), torch.randint(0, 2, (17,)))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm, self.fc = nn.LSTM(3, 8, 2, batch_first=True), nn.Linear(8, 1)

    def init_hidden(self, batch_size):
        return torch.zeros(2, batch_size, 8), torch.zeros(2, batch_size, 8)

    def forward(self, x, hidden):
        out, hidden = self.lstm(x, hidden)
        return self.fc(out[:, -1]).squeeze(-1), hidden


net, losses = Net(), []
for x, y in DataLoader(dataset, batch_size=8):
    out, _ = net(x, net.init_hidden(x.size(0)))
    losses.append(nn.functional.binary_cross_entropy_with_logits(out, y.float()).item() * len(x))
batch_size = 8
state = net.init_hidden(batch_size)
for x, y in DataLoader(dataset, batch_size=batch_size, drop_last=True):
    out, state = net(x, tuple(s.detach() for s in state))
print("RESULT", round(sum(losses) / len(dataset), 6), round(out.sum().item(), 5))
