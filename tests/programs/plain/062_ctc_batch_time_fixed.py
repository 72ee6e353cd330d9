"""OCR line recogniser, CTC loss."""
import torch
import torch.nn as nn

torch.manual_seed(41)
B, T, C = 8, 8, 6                     # batch, width steps, characters (0 is blank)
net = nn.LSTM(10, C, batch_first=True)
columns = torch.randn(B, T, 10)
feats, _ = net(columns)
log_probs = feats.log_softmax(2)      # (B, T, C)
targets = torch.randint(1, C, (B, 3))
ctc = nn.CTCLoss(blank=0, zero_infinity=True)
in_len = torch.full((B,), T)
tgt_len = torch.full((B,), 3)
loss = ctc(log_probs.transpose(0, 1), targets, in_len, tgt_len)
print("RESULT", round(loss.item(), 5))
