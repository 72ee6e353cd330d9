import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(69)
seq_len, batch_size = 7, 7


class AttentiveLSTM(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(30, 7)
        self.lstm = nn.LSTM(7, 7)
        self.score = nn.Linear(7, 1)
        self.fc = nn.Linear(7, 2)

    def forward(self, text):                                          # (seq, batch)
        out, (h_n, _) = self.lstm(self.embed(text))
        additive = F.softmax(self.score(out), dim=0)                  # over the steps
        pooled = (additive * out).sum(dim=0)
        dot = torch.einsum("sbh,bh->sb", out, h_n[-1]).softmax(dim=0)
        context = torch.einsum("sb,sbh->bh", dot, out)
        by_bmm = torch.bmm(dot.t().unsqueeze(1), out.transpose(0, 1)).squeeze(1)
        assert torch.allclose(context, by_bmm, atol=1e-5)
        return self.fc(pooled + context)


net = AttentiveLSTM()
text, y = torch.randint(0, 30, (seq_len, batch_size)), torch.randint(0, 2, (batch_size,))
loss = F.cross_entropy(net(text), y)
loss.backward()
print("RESULT", round(loss.item(), 6))
