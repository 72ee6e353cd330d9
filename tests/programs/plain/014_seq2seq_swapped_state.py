import torch
import torch.nn as nn

torch.manual_seed(11)
INPUT_DIM, OUTPUT_DIM, EMB_DIM, HID_DIM = 15, 13, 6, 8


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(INPUT_DIM, EMB_DIM)
        self.rnn = nn.LSTM(EMB_DIM, HID_DIM)

    def forward(self, src):
        # src = [src len, batch size]
        embedded = self.embedding(src)
        outputs, (hidden, cell) = self.rnn(embedded)
        return hidden, cell


class Decoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(OUTPUT_DIM, EMB_DIM)
        self.rnn = nn.LSTM(EMB_DIM, HID_DIM)
        self.fc_out = nn.Linear(HID_DIM, OUTPUT_DIM)

    def forward(self, input, hidden, cell):
        input = input.unsqueeze(0)
        embedded = self.embedding(input)
        output, (hidden, cell) = self.rnn(embedded, (cell, hidden))  # BUG: nn.LSTM takes (h, c): the two states trade places at every step
        return self.fc_out(output.squeeze(0)), hidden, cell


encoder, decoder = Encoder(), Decoder()
params = list(encoder.parameters()) + list(decoder.parameters())
optimizer = torch.optim.Adam(params, lr=0.01)
src = torch.randint(0, INPUT_DIM, (7, 5))
trg = torch.randint(0, OUTPUT_DIM, (6, 5))
for epoch in range(6):
    hidden, cell = encoder(src)
    inp = trg[0]
    loss = 0
    for t in range(1, trg.shape[0]):
        out, hidden, cell = decoder(inp, hidden, cell)
        loss = loss + nn.functional.cross_entropy(out, trg[t])
        inp = trg[t]
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print("RESULT", round(loss.item() / 5, 5))
