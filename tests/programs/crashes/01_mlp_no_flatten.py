import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

class MLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(784, 128)
        self.fc2 = nn.Linear(128, 10)
    def forward(self, x):
        x = torch.relu(self.fc1(x))
        return self.fc2(x)

ds = TensorDataset(torch.randn(100, 1, 28, 28), torch.randint(0, 10, (100,)))
loader = DataLoader(ds, batch_size=32, shuffle=True)
model = MLP()
criterion = nn.CrossEntropyLoss()
for images, labels in loader:
    out = model(images)
    loss = criterion(out, labels)
