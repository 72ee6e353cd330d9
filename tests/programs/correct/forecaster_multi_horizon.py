import torch
import torch.nn as nn

torch.manual_seed(72)
batch, history, horizon, features = 4, 6, 3, 3


class Seq2Horizon(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(features, 10, batch_first=True)
        self.head = nn.Linear(10, horizon * features)

    def forward(self, x):
        last, spread = x[:, -1:], x.std(dim=1, keepdim=True) + 1e-4
        scaled = (x - last) / spread
        _, h = self.gru(scaled)
        return self.head(h[-1]).view(x.size(0), horizon, features) * spread + last


t = torch.arange(history + horizon).float()
data = torch.sin(t.view(1, -1, 1) / 2 + torch.rand(batch, 1, features) * 6)
x, y = data[:, :history], data[:, history:]
net = Seq2Horizon()
opt = torch.optim.Adam(net.parameters(), lr=0.02)
for _ in range(12):
    out = net(x)
    weight = torch.tensor([1.0, 0.7, 0.5]).view(1, horizon, 1)
    loss = (weight * (out - y) ** 2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
per_step = (out - y).abs().mean(dim=(0, 2))
print("RESULT", round(loss.item(), 5), [round(v, 4) for v in per_step.tolist()])
