import math
import torch
import torch.nn as nn


class PositionalEncoding(nn.Module):
    def __init__(self, d_model, max_len=100):
        super().__init__()
        pe = torch.zeros(max_len, d_model)
        position = torch.arange(0, max_len, dtype=torch.float).unsqueeze(1)
        div_term = torch.exp(torch.arange(0, d_model, 2).float() * (-math.log(10000.0) / d_model))
        pe[:, 0::2] = torch.sin(position * div_term)
        pe[:, 1::2] = torch.cos(position * div_term)
        pe = pe.unsqueeze(0)
        self.register_buffer("pe", pe)

    def forward(self, x):
        # x: [batch, time, d_model]
        return x + self.pe[0, :x.size(0)].unsqueeze(1)  # BUG: takes as many positions as there are samples and adds them per sample


class TransformerRegressor(nn.Module):
    def __init__(self, n_feat, d_model=8):
        super().__init__()
        self.proj = nn.Linear(n_feat, d_model)
        self.pos = PositionalEncoding(d_model)
        enc = nn.TransformerEncoderLayer(d_model, 2, 16, dropout=0.0, batch_first=True)
        self.enc = nn.TransformerEncoder(enc, 1)
        self.head = nn.Linear(d_model, 1)

    def forward(self, x):
        h = self.enc(self.pos(self.proj(x)))
        return self.head(h[:, -1]).squeeze(-1)


torch.manual_seed(7)
model = TransformerRegressor(3)
x = torch.randn(5, 9, 3)
y = x[:, 0, 0]
opt = torch.optim.Adam(model.parameters(), 0.01)
for _ in range(8):
    loss = nn.functional.mse_loss(model(x), y)
    opt.zero_grad(); loss.backward(); opt.step()
print("RESULT", round(loss.item(), 5))
