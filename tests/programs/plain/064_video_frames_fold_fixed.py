import torch
import torch.nn as nn

torch.manual_seed(43)


class VideoNet(nn.Module):
    def __init__(self, n_classes=3):
        super().__init__()
        self.cnn = nn.Sequential(nn.Conv2d(1, 4, 3, stride=2), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
        self.fc = nn.Linear(4, n_classes)

    def forward(self, video):
        b, t, c, h, w = video.shape
        feats = self.cnn(video.view(b * t, c, h, w))
        feats = feats.view(b, t, -1).mean(dim=1)
        return self.fc(feats)


videos = torch.rand(3, 4, 1, 9, 9) * torch.tensor([0.2, 1.0, 3.0]).view(3, 1, 1, 1, 1)
y = torch.tensor([0, 1, 2])
net = VideoNet()
optimizer = torch.optim.Adam(net.parameters(), lr=0.02)
for _ in range(10):
    loss = nn.functional.cross_entropy(net(videos), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print("RESULT", round(loss.item(), 5))
