"""Self-attentive sentence embedding."""
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(58)


class SelfAttentive(nn.Module):
    def __init__(self, vocab=40, emb=8, hid=6, da=5, hops=3):
        super().__init__()
        self.emb = nn.Embedding(vocab, emb)
        self.rnn = nn.LSTM(emb, hid, batch_first=True, bidirectional=True)
        self.ws1 = nn.Linear(2 * hid, da, bias=False)
        self.ws2 = nn.Linear(da, hops, bias=False)
        self.out = nn.Linear(hops * 2 * hid, 2)

    def forward(self, tokens):
        bsz, length = tokens.shape
        H, _ = self.rnn(self.emb(tokens))                    # bsz, len, nhid
        A = self.ws2(torch.tanh(self.ws1(H)))                # bsz, len, hop
        A = F.softmax(A.view(bsz, -1, length), dim=2)  # BUG: view cuts (len, hop) as (hop, len): scores land on other words
        M = torch.bmm(A, H)                                  # bsz, hop, nhid
        return self.out(M.view(bsz, -1))


net = SelfAttentive()
toks, lab = torch.randint(0, 40, (5, 7)), torch.tensor([0, 1, 1, 0, 1])
opt = torch.optim.Adam(net.parameters(), lr=0.02)
for i in range(6):
    loss = F.cross_entropy(net(toks), lab)
    opt.zero_grad()
    loss.backward()
    opt.step()
print("RESULT", round(loss.item(), 5))
