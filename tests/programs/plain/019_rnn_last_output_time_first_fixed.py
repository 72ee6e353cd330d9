import torch
import torch.nn as nn

torch.manual_seed(16)
seq_length, batch, input_size, hidden_size = 5, 5, 3, 4
x = torch.randn(seq_length, batch, input_size)
y = torch.randint(0, 2, (batch,))
rnn = nn.RNN(input_size, hidden_size)
fc = nn.Linear(hidden_size, 2)
opt = torch.optim.Adam(list(rnn.parameters()) + list(fc.parameters()), lr=0.02)
for it in range(8):
    out, h = rnn(x)
    last = out[-1, :, :]
    loss = nn.functional.cross_entropy(fc(last), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
print("RESULT", round(loss.item(), 5))
