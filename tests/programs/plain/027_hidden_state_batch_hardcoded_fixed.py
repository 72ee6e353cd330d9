import torch
import torch.nn as nn
from torch.utils.data import Dataset, DataLoader

torch.manual_seed(6)
BATCH_SIZE = 8


class ToySeries(Dataset):
    def __init__(self, n):
        self.x = torch.randn(n, 6, 2)
        self.y = self.x[:, -1, 0] + self.x[:, 0, 1]

    def __len__(self):
        return len(self.x)

    def __getitem__(self, i):
        return self.x[i], self.y[i]


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.RNN(2, 10, batch_first=True)
        self.lin = nn.Linear(10, 1)

    def forward(self, x):
        h0 = torch.zeros(1, x.size(0), 10)
        out, _ = self.rnn(x, h0)
        return self.lin(out[:, -1]).squeeze(-1)


loader = DataLoader(ToySeries(20), batch_size=BATCH_SIZE)
net = Net()
optim = torch.optim.SGD(net.parameters(), lr=0.05)
history = []
for epoch in range(2):
    for x, y in loader:
        loss = nn.functional.mse_loss(net(x), y)
        optim.zero_grad()
        loss.backward()
        optim.step()
        history.append(loss.item())
print("RESULT", round(sum(history) / len(history), 5))
