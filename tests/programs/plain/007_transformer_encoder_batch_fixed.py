import torch
import torch.nn as nn

torch.manual_seed(5)
batch_size = 4
seq_len = 7
d_model = 8


class SequenceClassifier(nn.Module):
    def __init__(self, num_tokens, d_model, num_classes):
        super().__init__()
        self.embedding = nn.Embedding(num_tokens, d_model)
        layer = nn.TransformerEncoderLayer(d_model, nhead=2, dim_feedforward=16, dropout=0.0, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, num_layers=1)
        self.fc = nn.Linear(d_model, num_classes)

    def forward(self, src):
        emb = self.embedding(src)
        enc = self.encoder(emb)
        return self.fc(enc.mean(dim=1))


model = SequenceClassifier(30, d_model, 3)
tokens = torch.randint(0, 30, (batch_size, seq_len))
target = torch.randint(0, 3, (batch_size,))
loss_fn = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for step in range(6):
    optimizer.zero_grad()
    output = model(tokens)
    loss = loss_fn(output, target)
    loss.backward()
    optimizer.step()
print("RESULT", round(loss.item(), 5))
