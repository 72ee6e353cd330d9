"""Everything with one sample: training, an LSTM with states, attention, a squeeze that names its dim."""
import torch
import torch.nn as nn

torch.manual_seed(11)
x = torch.randn(1, 7, 3)
lstm = nn.LSTM(3, 5, batch_first=True)
attn = nn.MultiheadAttention(5, 1, batch_first=True)
head = nn.Linear(5, 1)
opt = torch.optim.Adam([*lstm.parameters(), *attn.parameters(), *head.parameters()], lr=0.02)
target = torch.tensor([0.7])
for _ in range(6):
    state = (torch.zeros(1, 1, 5), torch.zeros(1, 1, 5))
    out, state = lstm(x, state)
    out, _ = attn(out, out, out)
    pred = head(out[:, -1]).squeeze(1)
    loss = nn.functional.mse_loss(pred, target)
    opt.zero_grad()
    loss.backward()
    opt.step()
print("RESULT", round(loss.item(), 6), tuple(pred.shape))
