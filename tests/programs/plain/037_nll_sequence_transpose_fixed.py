import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(16)
batch_size, seq_len, n_tags = 3, 5, 4


class CharTagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(30, 6)
        self.lstm = nn.LSTM(6, 8, batch_first=True)
        self.hidden2tag = nn.Linear(8, n_tags)

    def forward(self, sentence):
        lstm_out, _ = self.lstm(self.emb(sentence))
        return F.log_softmax(self.hidden2tag(lstm_out), dim=2)


tagger = CharTagger()
sents = torch.randint(0, 30, (batch_size, seq_len))
tags = torch.randint(0, n_tags, (batch_size, seq_len))
opt = torch.optim.Adam(tagger.parameters(), lr=0.02)
for epoch in range(8):
    scores = tagger(sents)
    loss = F.nll_loss(scores.permute(0, 2, 1), tags)
    opt.zero_grad()
    loss.backward()
    opt.step()
print("RESULT", round(loss.item(), 5))
