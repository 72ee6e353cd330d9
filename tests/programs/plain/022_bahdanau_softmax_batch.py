import torch, torch.nn as nn, torch.nn.functional as F

class BahdanauAttention(nn.Module):
    def __init__(self, hidden_size):
        super().__init__()
        self.Wa = nn.Linear(hidden_size, hidden_size)
        self.Ua = nn.Linear(hidden_size, hidden_size)
        self.Va = nn.Linear(hidden_size, 1)

    def forward(self, query, keys):
        # query: (batch, 1, hidden), keys: (batch, src_len, hidden)
        scores = self.Va(torch.tanh(self.Wa(query) + self.Ua(keys)))
        scores = scores.squeeze(2).unsqueeze(1)
        weights = F.softmax(scores, dim=0)  # BUG: (batch, 1, src_len): dim 0 is the batch, every weight competes with other sentences
        context = torch.bmm(weights, keys)
        return context, weights

class AttnDecoder(nn.Module):
    def __init__(self, vocab, hidden):
        super().__init__()
        self.emb = nn.Embedding(vocab, hidden)
        self.attention = BahdanauAttention(hidden)
        self.gru = nn.GRU(2 * hidden, hidden, batch_first=True)
        self.out = nn.Linear(hidden, vocab)

    def forward(self, encoder_outputs, encoder_hidden, target):
        hidden = encoder_hidden
        outs = []
        for i in range(target.size(1)):
            query = hidden.permute(1, 0, 2)
            context, _ = self.attention(query, encoder_outputs)
            x = torch.cat((self.emb(target[:, i:i + 1]), context), dim=2)
            o, hidden = self.gru(x, hidden)
            outs.append(self.out(o))
        return torch.cat(outs, dim=1)

torch.manual_seed(0)
batch_size, src_len, hidden, vocab = 3, 6, 8, 12
enc = nn.GRU(4, hidden, batch_first=True)
dec = AttnDecoder(vocab, hidden)
src = torch.randn(batch_size, src_len, 4)
tgt = torch.randint(0, vocab, (batch_size, 4))
o, h = enc(src)
logits = dec(o, h, tgt)
loss = F.cross_entropy(logits.reshape(-1, vocab), tgt.reshape(-1))
print("RESULT", round(loss.item(), 6))
