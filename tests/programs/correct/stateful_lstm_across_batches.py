import torch
import torch.nn as nn

torch.manual_seed(13)
n_streams, chunk = 4, 5
signal = torch.sin(torch.arange(41).float() / 4 + torch.arange(n_streams).float().unsqueeze(1))


class Stateful(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(1, 6, batch_first=True)
        self.fc = nn.Linear(6, 1)
        self.state = None

    def reset(self):
        self.state = None

    def forward(self, x):
        out, state = self.lstm(x, self.state)
        self.state = tuple(s.detach() for s in state)
        return self.fc(out).squeeze(-1)


net = Stateful()
opt = torch.optim.Adam(net.parameters(), lr=0.02)
for epoch in range(2):
    net.reset()
    for i in range(0, 40, chunk):
        x = signal[:, i:i + chunk].unsqueeze(-1)
        y = signal[:, i + 1:i + chunk + 1]
        loss = nn.functional.mse_loss(net(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
print("RESULT", round(loss.item(), 5))
