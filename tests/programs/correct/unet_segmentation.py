import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(49)


def block(i, o):
    return nn.Sequential(nn.Conv2d(i, o, 3, padding=1), nn.BatchNorm2d(o), nn.ReLU(inplace=True))


class UNet(nn.Module):
    def __init__(self, classes=8):
        super().__init__()
        self.d1, self.d2, self.mid = block(3, 4), block(4, 8), block(8, 8)
        self.u2, self.u1 = block(16, 4), block(8, 4)
        self.out = nn.Conv2d(4, classes, 1)

    def forward(self, x):
        a = self.d1(x)
        b = self.d2(F.max_pool2d(a, 2))
        m = self.mid(F.max_pool2d(b, 2))
        y = self.u2(torch.cat([F.interpolate(m, scale_factor=2), b], dim=1))
        y = self.u1(torch.cat([F.interpolate(y, size=a.shape[-2:], mode="bilinear", align_corners=False), a], dim=1))
        return self.out(y)


net = UNet()
x, y = torch.rand(3, 3, 8, 8), torch.randint(0, 8, (3, 8, 8))
opt = torch.optim.Adam(net.parameters(), lr=0.01)
for _ in range(3):
    logits = net(x)
    dice_in = (logits.softmax(1) * F.one_hot(y, 8).permute(0, 3, 1, 2)).sum(dim=(2, 3))
    loss = F.cross_entropy(logits, y) + 1 - dice_in.mean() / 64
    opt.zero_grad()
    loss.backward()
    opt.step()
iou = ((logits.argmax(1) == y).float().mean(dim=(1, 2)))
print("RESULT", round(loss.item(), 4), round(iou.mean().item(), 4))
