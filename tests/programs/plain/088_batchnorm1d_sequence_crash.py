import torch
import torch.nn as nn

torch.manual_seed(67)


class ActivityNet(nn.Module):
    def __init__(self, sensors=6, hidden=16, classes=4):
        super().__init__()
        self.gru = nn.GRU(sensors, hidden, batch_first=True)
        self.bn = nn.BatchNorm1d(hidden)
        self.fc = nn.Linear(hidden, classes)

    def forward(self, x):
        out, h = self.gru(x)
        out = self.bn(out)  # BUG: BatchNorm1d of 16 channels meets (batch, 20, 16)
        return self.fc(out[:, -1, :])


def main():
    model = ActivityNet()
    x = torch.randn(8, 20, 6)
    y = torch.randint(0, 4, (8,))
    loss = nn.CrossEntropyLoss()(model(x), y)
    loss.backward()
    print("RESULT", round(loss.item(), 5))


if __name__ == "__main__":
    main()
