# RNN language model in the style of the word_language_model example: batchify gives columns
import torch
import torch.nn as nn

torch.manual_seed(35)
vocab, emsize, nhid, bptt, bsz = 18, 6, 8, 5, 4
corpus = torch.randint(0, vocab, (101,))


def batchify(data, bsz):
    nbatch = data.size(0) // bsz
    data = data.narrow(0, 0, nbatch * bsz)
    return data.view(bsz, nbatch).t().contiguous()


class RNNModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Embedding(vocab, emsize)
        self.rnn = nn.LSTM(emsize, nhid)
        self.decoder = nn.Linear(nhid, vocab)

    def forward(self, input, hidden=None):
        output, hidden = self.rnn(self.encoder(input), hidden)
        return self.decoder(output), hidden


train = batchify(corpus, bsz)
model, hidden = RNNModel(), None
opt = torch.optim.SGD(model.parameters(), lr=1.0)
for i in range(0, train.size(0) - 1, bptt):
    seq_len = min(bptt, train.size(0) - 1 - i)
    data, targets = train[i:i + seq_len], train[i + 1:i + 1 + seq_len].reshape(-1)
    if hidden is not None:
        hidden = tuple(h.detach() for h in hidden)
    output, hidden = model(data, hidden)
    loss = nn.functional.cross_entropy(output.view(-1, vocab), targets)
    opt.zero_grad()
    loss.backward()
    opt.step()
print("RESULT", round(loss.item(), 5))
