# images come from OpenCV as (N, H, W, C)
import numpy as np
import torch
import torch.nn as nn

np.random.seed(4); torch.manual_seed(4)
imgs = np.random.randint(0, 255, size=(6, 12, 12, 3)).astype(np.float32) / 255.0
lbls = torch.tensor([0, 1, 0, 1, 1, 0])

batch = torch.from_numpy(imgs).permute(0, 3, 1, 2)

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 4, kernel_size=3)
        self.pool = nn.MaxPool2d(2)
        self.fc1 = nn.Linear(4 * 5 * 5, 2)

    def forward(self, x):
        x = self.pool(torch.relu(self.conv1(x)))
        x = torch.flatten(x, 1)
        return self.fc1(x)


net = Net()
crit = nn.CrossEntropyLoss()
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for i in range(5):
    opt.zero_grad()
    loss = crit(net(batch), lbls)
    loss.backward()
    opt.step()
print("final loss", loss.item())
print("RESULT", round(loss.item(), 5))
