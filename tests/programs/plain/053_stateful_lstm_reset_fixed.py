import torch
import torch.nn as nn

torch.manual_seed(32)


class CharRNN(nn.Module):
    def __init__(self, tokens, n_hidden=8, n_layers=2):
        super().__init__()
        self.n_hidden, self.n_layers = n_hidden, n_layers
        self.lstm = nn.LSTM(tokens, n_hidden, n_layers, batch_first=True)
        self.fc = nn.Linear(n_hidden, tokens)

    def forward(self, x, hidden):
        r_output, hidden = self.lstm(x, hidden)
        out = r_output.contiguous().view(-1, self.n_hidden)
        return self.fc(out), hidden

    def init_hidden(self, n_seqs):
        weight = next(self.parameters()).data
        return (weight.new_zeros(self.n_layers, n_seqs, self.n_hidden), weight.new_zeros(self.n_layers, n_seqs, self.n_hidden))


n_chars, n_seqs, n_steps = 6, 3, 5
encoded = torch.randint(0, n_chars, (n_seqs, 4 * n_steps + 1))
net = CharRNN(n_chars)
opt = torch.optim.Adam(net.parameters(), lr=0.02)
h = net.init_hidden(n_seqs)
for n in range(0, 4 * n_steps, n_steps):
    x = nn.functional.one_hot(encoded[:, n:n + n_steps], n_chars).float()
    y = encoded[:, n + 1:n + n_steps + 1]
    h = tuple(each.detach() for each in h)
    output, h = net(x, h)
    loss = nn.functional.cross_entropy(output, y.reshape(-1))
    opt.zero_grad()
    loss.backward()
    opt.step()
print("RESULT", round(loss.item(), 5))
