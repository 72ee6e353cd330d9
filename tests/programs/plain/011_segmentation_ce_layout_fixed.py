# toy segmentation: every pixel gets one of 8 classes, images are 8x8
import torch
import torch.nn as nn

torch.manual_seed(8)
n_classes = 8
images = torch.rand(4, 1, 8, 8)
masks = (images.squeeze(1) * n_classes).long()

net = nn.Sequential(
    nn.Conv2d(1, 8, 3, padding=1),
    nn.ReLU(),
    nn.Conv2d(8, n_classes, 1),
)
criterion = nn.CrossEntropyLoss()
optim = torch.optim.Adam(net.parameters(), lr=0.02)
for epoch in range(10):
    logits = net(images)  # N C H W
    logits = logits.contiguous()
    loss = criterion(logits, masks)
    optim.zero_grad()
    loss.backward()
    optim.step()
print("loss", loss.item())
print("RESULT", round(loss.item(), 5))
