import torch
import torch.nn as nn

torch.manual_seed(20)


class TiedLM(nn.Module):
    def __init__(self, vocab=10, width=10):
        super().__init__()
        self.encoder = nn.Embedding(vocab, width)
        self.rnn = nn.GRU(width, width)
        self.decoder = nn.Linear(width, vocab, bias=False)
        self.decoder.weight = self.encoder.weight

    def forward(self, tokens):
        out, _ = self.rnn(self.encoder(tokens))
        return self.decoder(out)


lm = TiedLM()
opt = torch.optim.SGD(lm.parameters(), lr=0.5)
seq_len, batch = 10, 10
tokens = torch.randint(0, 10, (seq_len + 1, batch))
for _ in range(5):
    logits = lm(tokens[:-1])
    loss = nn.functional.cross_entropy(logits.reshape(-1, 10), tokens[1:].reshape(-1))
    opt.zero_grad()
    loss.backward()
    opt.step()
print("RESULT", round(loss.item(), 5))
