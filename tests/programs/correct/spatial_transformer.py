import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(70)


class STN(nn.Module):
    def __init__(self):
        super().__init__()
        self.loc = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.AdaptiveMaxPool2d(2), nn.Flatten())
        self.fc = nn.Linear(16, 6)
        self.fc.weight.data.mul_(0.1)
        self.fc.bias.data.copy_(torch.tensor([1, 0, 0, 0, 1, 0], dtype=torch.float))

    def forward(self, x):
        theta = self.fc(self.loc(x)).view(-1, 2, 3)
        return F.grid_sample(x, F.affine_grid(theta, x.size(), align_corners=False), align_corners=False)


stn = STN()
x = torch.rand(3, 1, 8, 8)
shift = torch.nn.functional.pad(x, (1, 0, 0, 0))[..., :8]
loss = F.mse_loss(stn(x), shift)
loss.backward()
print("RESULT", round(loss.item(), 6), round(stn.fc.bias.grad.abs().sum().item(), 5))
