import torch
import torch.nn as nn

torch.manual_seed(12)


class AudioNet(nn.Module):
    def __init__(self, n_mels=10, hidden=10):
        super().__init__()
        self.lin = nn.Linear(n_mels, hidden)
        self.bn = nn.BatchNorm1d(hidden)
        self.out = nn.Linear(hidden, 4)

    def forward(self, mel):
        # mel: (batch, frames, n_mels), 10 frames
        h = self.lin(mel)
        h = torch.relu(self.bn(h))  # BUG: BatchNorm1d takes (batch, channels, length); the frames stand where the channels belong
        return self.out(h.mean(dim=1))


net = AudioNet()
mel = torch.randn(6, 10, 10) * torch.linspace(0.1, 3, 10)
y = torch.randint(0, 4, (6,))
opt = torch.optim.Adam(net.parameters(), lr=0.01)
for i in range(5):
    loss = nn.functional.cross_entropy(net(mel), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
print("RESULT", round(loss.item(), 5))
