import torch
import torch.nn as nn


def generate_square_subsequent_mask(sz):
    return torch.triu(torch.full((sz, sz), float("-inf")), diagonal=1)


class TinyLM(nn.Module):
    def __init__(self, ntoken, d_model):
        super().__init__()
        self.encoder = nn.Embedding(ntoken, d_model)
        self.layer = nn.TransformerEncoderLayer(d_model, 2, 2 * d_model, dropout=0.0)
        self.decoder = nn.Linear(d_model, ntoken)

    def forward(self, src, src_mask):
        # src: (seq, batch)
        x = self.encoder(src)
        x = self.layer(x, src_mask)
        return self.decoder(x)


torch.manual_seed(21)
ntokens = 25
seq, batch = 7, 4
stream = torch.randint(0, ntokens, (seq + 1, batch))
data, target = stream[:-1], stream[1:]
model = TinyLM(ntokens, 8)
mask = generate_square_subsequent_mask(data.size(0))
opt = torch.optim.SGD(model.parameters(), lr=0.5)
for _ in range(5):
    output = model(data, mask)
    loss = nn.functional.cross_entropy(output.view(-1, ntokens), target.reshape(-1))
    opt.zero_grad()
    loss.backward()
    opt.step()
print("RESULT", round(loss.item(), 5))
