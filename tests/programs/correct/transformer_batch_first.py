import torch
import torch.nn as nn

torch.manual_seed(52)
N, S, T, E, V = 4, 4, 4, 8, 12


class Translator(nn.Module):
    def __init__(self):
        super().__init__()
        self.src, self.tgt = nn.Embedding(V, E, padding_idx=0), nn.Embedding(V, E, padding_idx=0)
        self.pos = nn.Parameter(torch.randn(1, 20, E) * 0.1)
        self.net = nn.Transformer(E, 2, 1, 1, 16, dropout=0.0, batch_first=True)
        self.out = nn.Linear(E, V)

    def forward(self, src, tgt):
        causal = torch.triu(torch.ones(tgt.size(1), tgt.size(1), dtype=torch.bool), diagonal=1)
        h = self.net(
            self.src(src) + self.pos[:, :src.size(1)], self.tgt(tgt) + self.pos[:, :tgt.size(1)],
            tgt_mask=causal, src_key_padding_mask=src == 0, memory_key_padding_mask=src == 0,
        )
        return self.out(h)


model = Translator()
src, tgt = torch.randint(1, V, (N, S)), torch.randint(1, V, (N, T + 1))
src[1, 2:] = 0
opt = torch.optim.Adam(model.parameters(), lr=0.01)
for _ in range(4):
    logits = model(src, tgt[:, :-1])
    loss = nn.functional.cross_entropy(logits.reshape(-1, V), tgt[:, 1:].reshape(-1), ignore_index=0)
    opt.zero_grad()
    loss.backward()
    opt.step()
model.eval()
with torch.no_grad():
    encoded = model.net.encoder(model.src(src), src_key_padding_mask=src == 0)
print("RESULT", round(loss.item(), 4), tuple(encoded.shape))
