import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(51)
seq_len, batch_size, vocab_size = 7, 7, 15
lengths = torch.tensor([7, 3, 5, 7, 2, 6, 4])
# dec_out: (seq_len, batch, vocab), the decoder works time first
dec_out = torch.randn(seq_len, batch_size, vocab_size)
target = torch.randint(0, vocab_size, (seq_len, batch_size))
mask = torch.arange(seq_len)[None, :] < lengths[:, None]        # (batch, seq_len)
nll = F.cross_entropy(dec_out.flatten(0, 1), target.flatten(), reduction="none").view(seq_len, batch_size)
loss = (nll * mask.t()).sum() / mask.sum()
print("RESULT", round(loss.item(), 5))
