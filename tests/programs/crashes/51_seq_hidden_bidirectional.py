import torch
import torch.nn as nn

class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(500, 32)
        self.lstm = nn.LSTM(32, 64, bidirectional=True, batch_first=True)
        self.fc = nn.Linear(64, 9)
    def forward(self, x):
        out, _ = self.lstm(self.emb(x))
        return self.fc(out)

print(Tagger()(torch.randint(0, 500, (4, 11))).shape)
