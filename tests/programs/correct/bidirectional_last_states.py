import torch
import torch.nn as nn

torch.manual_seed(21)


class Sentiment(nn.Module):
    def __init__(self, layers=2):
        super().__init__()
        self.embedding = nn.Embedding(25, 6, padding_idx=0)
        self.lstm = nn.LSTM(6, 5, layers, bidirectional=True, batch_first=True)
        self.fc = nn.Linear(10, 1)

    def forward(self, text):
        _, (hidden, _) = self.lstm(self.embedding(text))
        hidden = torch.cat((hidden[-2, :, :], hidden[-1, :, :]), dim=1)
        return self.fc(hidden).squeeze(1)


net = Sentiment()
text = torch.randint(1, 25, (6, 6))
label = torch.tensor([0.0, 1, 1, 0, 1, 0])
by_layer = net.lstm(net.embedding(text))[1][0].view(2, 2, 6, 5)     # layers, directions, batch, hidden
assert by_layer[-1, 0].shape == (6, 5)
loss = nn.functional.binary_cross_entropy_with_logits(net(text), label)
loss.backward()
print("RESULT", round(loss.item(), 6))
