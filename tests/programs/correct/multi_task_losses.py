import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(59)


class MultiTask(nn.Module):
    def __init__(self):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(8, 16), nn.ReLU())
        self.cls, self.box, self.tags, self.score = nn.Linear(16, 4), nn.Linear(16, 4), nn.Linear(16, 4), nn.Linear(16, 1)
        self.log_vars = nn.Parameter(torch.zeros(4))

    def forward(self, x):
        h = self.trunk(x)
        return self.cls(h), self.box(h), self.tags(h), self.score(h).squeeze(-1)


net = MultiTask()
x = torch.randn(4, 8)
label, box, tags, score = torch.randint(0, 4, (4,)), torch.rand(4, 4), torch.randint(0, 2, (4, 4)).float(), torch.rand(4)
opt = torch.optim.Adam(net.parameters(), lr=0.01)
for _ in range(5):
    a, b, c, d = net(x)
    losses = torch.stack([
        F.cross_entropy(a, label), F.smooth_l1_loss(b, box),
        F.binary_cross_entropy_with_logits(c, tags), F.mse_loss(d, score),
    ])
    loss = (losses * torch.exp(-net.log_vars) + net.log_vars).sum()
    opt.zero_grad()
    loss.backward()
    opt.step()
print("RESULT", round(loss.item(), 5), [round(v, 4) for v in losses.tolist()])
