import torch
import torch.nn as nn

torch.manual_seed(45)
n_steps = 6
n_series = 6
data = torch.sin(torch.arange(n_steps + 1).float().view(1, -1) / 2 + torch.rand(n_series, 1) * 6)
inputs, targets = data[:, :-1], data[:, 1:]        # (series, steps)

rnn = nn.GRU(1, 8)
head = nn.Linear(8, 1)
opt = torch.optim.Adam([*rnn.parameters(), *head.parameters()], lr=0.02)
for epoch in range(25):
    x = inputs.t().unsqueeze(-1)                   # (steps, series, 1)
    states, _ = rnn(x)
    pred = head(states).squeeze(-1)                # (steps, series)
    loss = nn.functional.mse_loss(pred, targets.t())
    opt.zero_grad()
    loss.backward()
    opt.step()
print("RESULT", round(loss.item(), 5))
