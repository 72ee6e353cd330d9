import torch, torch.nn as nn
lstm = nn.LSTM(3, 16, batch_first=True)
fc = nn.Linear(16, 4)
x = torch.randn(10, 7, 3)
labels = torch.randint(0, 4, (10,))
out, _ = lstm(x)
loss = nn.CrossEntropyLoss()(fc(out), labels)
