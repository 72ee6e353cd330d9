import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(31)
# sensor grids arrive as (batch, rows, cols, 2): temperature and humidity
grids = torch.rand(8, 4, 4, 2)


class AE(nn.Module):
    def __init__(self):
        super().__init__()
        self.enc = nn.Linear(32, 6)
        self.dec = nn.Linear(6, 32)

    def forward(self, x):
        code = torch.tanh(self.enc(x.flatten(1)))
        # the decoder writes channels first, for the conv smoother
        return self.dec(code).view(-1, 2, 4, 4)


ae = AE()
opt = torch.optim.Adam(ae.parameters(), lr=0.01)
for _ in range(10):
    rebuilt = ae(grids)
    target = grids.reshape(-1, 2, 4, 4)  # BUG: a reshape to channels first does not move the channels
    loss = F.mse_loss(F.avg_pool2d(rebuilt, 2), F.avg_pool2d(target, 2))
    opt.zero_grad()
    loss.backward()
    opt.step()
print("RESULT", round(loss.item(), 6))
