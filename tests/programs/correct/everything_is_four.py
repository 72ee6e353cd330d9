"""batch == seq == feature == hidden == classes: only the code tells the axes apart."""
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(12)
loader = DataLoader(TensorDataset(torch.randn(16, 4, 4), torch.randint(0, 4, (16,))), batch_size=4)


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(4, 4, batch_first=True)
        self.cells = nn.ModuleList([nn.GRUCell(4, 4), nn.LSTMCell(4, 4)])
        self.up = nn.ConvTranspose2d(4, 4, 4, stride=4)
        self.down = nn.MaxPool2d(4)
        self.layer = nn.TransformerEncoderLayer(4, 2, 4, dropout=0.0, batch_first=True)
        self.fc = nn.Linear(4, 4)

    def forward(self, x):
        out, h_n = self.gru(x)
        h, c = torch.zeros(x.size(0), 4), torch.zeros(x.size(0), 4)
        for t in range(x.size(1)):
            h = self.cells[0](x[:, t], h)
            h, c = self.cells[1](x[:, t], (h, c))
        picture = self.up(out[:, :, :, None])             # (batch, seq, 16, 4)
        out = self.layer(self.down(picture).flatten(2) + h[:, None])
        return self.fc(out[:, -1] + h_n[-1])


model = Model()
opt = torch.optim.Adam(model.parameters(), lr=0.01)
hits = 0
for x, y in loader:
    logits = model(x)
    loss = F.cross_entropy(logits, y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    hits += (logits.argmax(dim=1) == y).sum().item()
print("RESULT", round(loss.item(), 5), hits)
