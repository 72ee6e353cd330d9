import torch
import torch.nn as nn

torch.manual_seed(38)
vocab_size, hidden = 11, 8
bs, T = 4, 6


class Captioner(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(vocab_size, hidden)
        self.img = nn.Linear(10, hidden)
        self.lstm = nn.LSTM(hidden, hidden, batch_first=True)
        self.linear = nn.Linear(hidden, vocab_size)

    def forward(self, features, captions):
        emb = self.embed(captions[:, :-1])
        inputs = torch.cat((self.img(features).unsqueeze(1), emb), 1)
        hiddens, _ = self.lstm(inputs)
        return self.linear(hiddens)


model = Captioner()
criterion = nn.CrossEntropyLoss()
features = torch.randn(bs, 10)
captions = torch.randint(0, vocab_size, (bs, T))
outputs = model(features, captions)
loss = criterion(outputs, captions)  # BUG: (bs, T, vocab) against (bs, T): the classes must be at dim 1
print("RESULT", round(loss.item(), 6))
