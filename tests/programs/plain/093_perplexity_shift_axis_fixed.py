"""Shift logits and labels by one, as the library does inside."""
import math
import torch
import torch.nn as nn

torch.manual_seed(72)
batch_size, seq_len, vocab = 6, 9, 14
lm = nn.Sequential(nn.Embedding(vocab, 8), nn.Linear(8, vocab))
input_ids = torch.randint(0, vocab, (batch_size, 1)) + torch.arange(seq_len)
input_ids = input_ids % vocab
opt = torch.optim.Adam(lm.parameters(), lr=0.1)
for step in range(15):
    logits = lm(input_ids)
    shift_logits, shift_labels = logits[:, :-1], input_ids[:, 1:]
    loss = nn.functional.cross_entropy(shift_logits.reshape(-1, vocab), shift_labels.reshape(-1))
    opt.zero_grad()
    loss.backward()
    opt.step()
print("perplexity", math.exp(loss.item()))
print("RESULT", round(loss.item(), 5))
