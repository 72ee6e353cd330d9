import torch
import torch.nn as nn

class Net(nn.Module):
    def __init__(self, vocab=100, emb=16, hid=32, layers=2):
        super().__init__()
        self.hid = hid
        self.emb = nn.Embedding(vocab, emb)
        self.lstm = nn.LSTM(emb, hid, layers, batch_first=True)
        self.fc = nn.Linear(hid, vocab)
    def init_hidden(self, batch):
        return (torch.zeros(1, batch, self.hid), torch.zeros(1, batch, self.hid))
    def forward(self, x, hidden):
        out, hidden = self.lstm(self.emb(x), hidden)
        return self.fc(out), hidden

net = Net()
hidden = net.init_hidden(8)
out, hidden = net(torch.randint(0, 100, (8, 20)), hidden)
