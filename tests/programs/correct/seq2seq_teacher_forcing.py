"""Time-first encoder and decoder with teacher forcing, as in the classic notebooks."""
import random
import torch
import torch.nn as nn

random.seed(16)
torch.manual_seed(16)
VOCAB, E, H = 12, 5, 7


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding, self.rnn = nn.Embedding(VOCAB, E), nn.LSTM(E, H, 2, dropout=0.1)

    def forward(self, src):                      # [src len, batch size]
        _, (hidden, cell) = self.rnn(self.embedding(src))
        return hidden, cell


class Decoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding, self.rnn = nn.Embedding(VOCAB, E), nn.LSTM(E, H, 2, dropout=0.1)
        self.fc_out = nn.Linear(H, VOCAB)

    def forward(self, token, hidden, cell):      # [batch size]
        output, (hidden, cell) = self.rnn(self.embedding(token.unsqueeze(0)), (hidden, cell))
        return self.fc_out(output.squeeze(0)), hidden, cell


enc, dec = Encoder(), Decoder()
opt = torch.optim.Adam([*enc.parameters(), *dec.parameters()], lr=0.01)
src = torch.randint(0, VOCAB, (6, 4))
trg = src.flip(0)
for epoch in range(3):
    hidden, cell = enc(src)
    trg_len, batch_size = trg.shape
    outputs = torch.zeros(trg_len, batch_size, VOCAB)
    token = trg[0, :]
    for t in range(1, trg_len):
        output, hidden, cell = dec(token, hidden, cell)
        outputs[t] = output
        token = trg[t] if random.random() < 0.5 else output.argmax(1)
    loss = nn.functional.cross_entropy(outputs[1:].view(-1, VOCAB), trg[1:].reshape(-1))
    opt.zero_grad()
    loss.backward()
    opt.step()
print("RESULT", round(loss.item(), 5))
