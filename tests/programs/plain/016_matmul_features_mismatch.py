import torch
import torch.nn as nn

torch.manual_seed(13)


class LeNetish(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.pool = nn.MaxPool2d(2, 2)
        self.fc1 = nn.Linear(16 * 5 * 5, 120)  # BUG: 28x28 images leave 16 maps of 4x4 here, 5x5 is for 32x32 ones
        self.fc2 = nn.Linear(120, 10)

    def forward(self, x):
        x = self.pool(torch.relu(self.conv1(x)))
        x = self.pool(torch.relu(self.conv2(x)))
        x = x.view(x.size(0), -1)
        x = torch.relu(self.fc1(x))
        return self.fc2(x)


net = LeNetish()
images = torch.randn(4, 1, 28, 28)
labels = torch.tensor([3, 1, 4, 1])
outputs = net(images)
loss = nn.CrossEntropyLoss()(outputs, labels)
print("RESULT", round(loss.item(), 5))
