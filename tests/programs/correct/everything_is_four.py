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
        self.layer = nn.TransformerEncoderLayer(4, 2, 4, dropout=0.0, batch_first=True)
        self.fc = nn.Linear(4, 4)

    def forward(self, x):
        out, h_n = self.gru(x)
        out = self.layer(out)
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
