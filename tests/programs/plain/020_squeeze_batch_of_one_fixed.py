import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(17)


class Scorer(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(1, 4, 3, padding=1)
        self.fc = nn.Linear(4, 3)

    def forward(self, x):
        x = torch.relu(self.conv(x.unsqueeze(1)))
        x = nn.functional.adaptive_avg_pool1d(x, 1)
        x = x.squeeze(-1)
        return self.fc(x)


signals = torch.randn(9, 16)
kinds = torch.randint(0, 3, (9,))
net = Scorer()
total = 0.0
for s, k in DataLoader(TensorDataset(signals, kinds), batch_size=4):
    scores = net(s)
    best, guess = scores.max(dim=1)
    total += (guess == k).sum().item() + best.sum().item()
print("RESULT", round(total / 9, 5))
