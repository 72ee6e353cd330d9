import torch
import torch.nn as nn

torch.manual_seed(59)


class TextCNN(nn.Module):
    def __init__(self, vocab_size, embed_dim, n_filters, filter_sizes):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, embed_dim)
        self.convs = nn.ModuleList([nn.Conv1d(embed_dim, n_filters, fs) for fs in filter_sizes])
        self.fc = nn.Linear(len(filter_sizes) * n_filters, 2)

    def forward(self, text):
        embedded = self.embedding(text)              # [batch, words, embed_dim]
        conved = [torch.relu(conv(embedded.permute(0, 2, 1))) for conv in self.convs]
        pooled = [c.max(dim=2)[0] for c in conved]
        return self.fc(torch.cat(pooled, dim=1))


max_words = 12
model = TextCNN(60, 12, 5, [2, 3])
reviews = torch.randint(0, 60, (6, max_words))
labels = torch.randint(0, 2, (6,))
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(6):
    preds = model(reviews)
    loss = nn.functional.cross_entropy(preds, labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print("RESULT", round(loss.item(), 5))
