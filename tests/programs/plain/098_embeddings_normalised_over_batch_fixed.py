import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(122)


class FaceNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.cnn = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(2), nn.Flatten())
        self.embed = nn.Linear(16, 6)

    def forward(self, img):
        return F.normalize(self.embed(self.cnn(img)), p=2, dim=1)


net = FaceNet()
opt = torch.optim.Adam(net.parameters(), lr=0.01)
faces = TensorDataset(torch.rand(16, 1, 8, 8), torch.rand(16, 1, 8, 8), torch.rand(16, 1, 8, 8))
for a, p, n in DataLoader(faces, batch_size=4):
    loss = nn.functional.triplet_margin_loss(net(a), net(p), net(n), margin=0.5)
    opt.zero_grad(); loss.backward(); opt.step()
print("RESULT", round(loss.item(), 5))
