import torch
import torch.nn as nn

torch.manual_seed(54)


class DeepSets(nn.Module):
    def __init__(self):
        super().__init__()
        self.phi = nn.Sequential(nn.Linear(1, 8), nn.ReLU())
        self.rho = nn.Linear(8, 1)

    def forward(self, x):
        # x: (n_sets, set_size, 1)
        n_sets, set_size, _ = x.size()
        h = self.phi(x)
        return self.rho(h.sum(dim=0))  # BUG: sums over the sets of the batch, not over the members of each set


sets = torch.rand(10, 10, 1)
maxima = sets.max(dim=1).values
net = DeepSets()
opt = torch.optim.Adam(net.parameters(), lr=0.01)
for it in range(20):
    loss = nn.functional.mse_loss(net(sets), maxima)
    opt.zero_grad()
    loss.backward()
    opt.step()
print("RESULT", round(loss.item(), 5))
