"""Sentiment of short reviews, bidirectional GRU, final states of both directions."""
import torch
from torch import nn

torch.manual_seed(1)
VOCAB_SIZE, EMB, HIDDEN, CLASSES = 50, 8, 6, 2


class BiGRU(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(VOCAB_SIZE, EMB)
        self.gru = nn.GRU(EMB, HIDDEN, batch_first=True, bidirectional=True)
        self.out = nn.Linear(HIDDEN * 2, CLASSES)

    def forward(self, ids):
        batch_size = ids.size(0)
        _, h_n = self.gru(self.emb(ids))
        h = torch.cat([h_n[0], h_n[1]], dim=1)
        return self.out(h)


net = BiGRU()
reviews = torch.randint(0, VOCAB_SIZE, (7, 9))
labels = torch.randint(0, CLASSES, (7,))
opt = torch.optim.Adam(net.parameters(), lr=0.02)
for step in range(10):
    logits = net(reviews)
    loss = nn.functional.cross_entropy(logits, labels)
    opt.zero_grad(); loss.backward(); opt.step()
print("RESULT", round(loss.item(), 5))
