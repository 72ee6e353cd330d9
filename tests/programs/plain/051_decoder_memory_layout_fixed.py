import torch
import torch.nn as nn

torch.manual_seed(30)
d = 8


class Summariser(nn.Module):
    def __init__(self, vocab):
        super().__init__()
        self.embed = nn.Embedding(vocab, d)
        enc = nn.TransformerEncoderLayer(d, 2, 16, 0.0, batch_first=True)
        self.encoder = nn.TransformerEncoder(enc, 1)
        dec = nn.TransformerDecoderLayer(d, 2, 16, 0.0, batch_first=True)
        self.decoder = nn.TransformerDecoder(dec, 1)
        self.out = nn.Linear(d, vocab)

    def forward(self, document, summary):
        memory = self.encoder(self.embed(document))
        return self.out(self.decoder(self.embed(summary), memory))


vocab_size = 20
n_docs = 3
documents = torch.randint(0, vocab_size, (n_docs, 6))
summaries = torch.randint(0, vocab_size, (n_docs, 6))
net = Summariser(vocab_size)
loss_fn = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
for epoch in range(4):
    prediction = net(documents, summaries[:, :-1])
    loss = loss_fn(prediction.reshape(-1, vocab_size), summaries[:, 1:].reshape(-1))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print("RESULT", round(loss.item(), 5))
