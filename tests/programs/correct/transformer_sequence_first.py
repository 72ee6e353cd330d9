import math
import torch
import torch.nn as nn

torch.manual_seed(53)
S, N, E, V = 6, 6, 6, 10


class LM(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(V, E)
        self.encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(E, 2, 12, 0.0), 2, enable_nested_tensor=False)
        self.decoder = nn.Linear(E, V)
        self.pos = nn.Parameter(torch.randn(20, 1, E) * 0.1)

    def forward(self, src):                             # (seq, batch)
        x = self.embed(src) * math.sqrt(E) + self.pos[:src.size(0)]
        mask = nn.Transformer.generate_square_subsequent_mask(src.size(0))
        return self.decoder(self.encoder(x, mask))


stream = torch.randint(0, V, (N, S + 1)).t().contiguous()
lm = LM()
opt = torch.optim.SGD(lm.parameters(), lr=0.5)
for _ in range(4):
    logits = lm(stream[:-1])
    loss = nn.functional.cross_entropy(logits.view(-1, V), stream[1:].reshape(-1))
    opt.zero_grad()
    loss.backward()
    opt.step()
batch_first = torch.randn(N, S, E)
attn = nn.MultiheadAttention(E, 2)
out, weights = attn(*[batch_first.transpose(0, 1)] * 3)
print("RESULT", round(loss.item(), 5), round(out.transpose(0, 1)[:, 0].sum().item(), 5), tuple(weights.shape))
