import torch
import torch.nn as nn

torch.manual_seed(68)
SRC_V, TRG_V, E, H = 20, 18, 6, 8


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(SRC_V, E)
        self.rnn = nn.GRU(E, H, bidirectional=True)
        self.fc = nn.Linear(2 * H, H)

    def forward(self, src):
        outputs, hidden = self.rnn(self.emb(src))
        return outputs, torch.tanh(hidden)  # BUG: hidden keeps the two directions apart; the one-layer decoder wants (1, batch, H)


class Decoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(TRG_V, E)
        self.rnn = nn.GRU(E, H)
        self.out = nn.Linear(H, TRG_V)

    def forward(self, trg, hidden):
        o, hidden = self.rnn(self.emb(trg), hidden)
        return self.out(o)


src, trg = torch.randint(0, SRC_V, (7, 4)), torch.randint(0, TRG_V, (5, 4))
enc, dec = Encoder(), Decoder()
_, hidden = enc(src)
logits = dec(trg[:-1], hidden)
loss = nn.functional.cross_entropy(logits.reshape(-1, TRG_V), trg[1:].reshape(-1))
print("RESULT", round(loss.item(), 5))
