import torch
import torch.nn as nn

torch.manual_seed(14)
T, N, I, H = 24, 3, 2, 6
xs = torch.randn(T, N, I)
ys = xs.cumsum(0)[..., :1]
cell, readout = nn.RNNCell(I, H), nn.Linear(H, 1)
opt = torch.optim.RMSprop([*cell.parameters(), *readout.parameters()], lr=0.01)
h = torch.zeros(N, H)
losses = []
for start in range(0, T, 6):
    h = h.detach()
    outs = []
    for x in xs[start:start + 6]:
        h = cell(x, h)
        outs.append(readout(h))
    loss = nn.functional.mse_loss(torch.stack(outs), ys[start:start + 6])
    opt.zero_grad()
    loss.backward()
    opt.step()
    losses.append(loss.item())
print("RESULT", [round(v, 4) for v in losses])
