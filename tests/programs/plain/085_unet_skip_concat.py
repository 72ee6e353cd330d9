import torch
import torch.nn as nn


class DoubleConv(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.net = nn.Sequential(nn.Conv2d(i, o, 3, padding=1), nn.ReLU())

    def forward(self, x):
        return self.net(x)


class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.down = DoubleConv(1, 4)
        self.mid = DoubleConv(4, 8)
        self.up = nn.ConvTranspose2d(8, 4, 2, stride=2)
        self.final = DoubleConv(8, 4)
        self.out = nn.Conv2d(4, 1, 1)

    def forward(self, x):
        d = self.down(x)
        m = self.mid(nn.functional.max_pool2d(d, 2))
        u = self.up(m)
        return self.out(self.final(torch.cat([d, u], dim=2)))  # BUG: the skip connection joins channels (dim 1), dim 2 is the height


torch.manual_seed(64)
unet = UNet()
img = torch.rand(2, 1, 12, 12)
seg = (img > 0.5).float()
loss = nn.functional.binary_cross_entropy_with_logits(unet(img), seg)
loss.backward()
print("RESULT", round(loss.item(), 6))
