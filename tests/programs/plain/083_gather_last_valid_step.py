import torch
import torch.nn as nn

torch.manual_seed(62)
batch, max_len, feat, hidden = 4, 6, 3, 5
x = torch.randn(batch, max_len, feat)
lengths = torch.tensor([6, 2, 4, 3])
lstm = nn.LSTM(feat, hidden, batch_first=True)
output, _ = lstm(x)
# the last real step of every sequence
last = output.reshape(-1, hidden)[lengths - 1]  # BUG: flattened row i of (batch, max_len) is not sample i: the offset of each sample is missing
clf = nn.Linear(hidden, 2)
loss = nn.functional.cross_entropy(clf(last), torch.tensor([0, 1, 1, 0]))
print("RESULT", round(loss.item(), 6))
