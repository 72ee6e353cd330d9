import torch
import torch.nn as nn

vocab_size, batch_size, seq_len = 50, 8, 12
emb = nn.Embedding(vocab_size, 32)
rnn = nn.GRU(32, 64, batch_first=True)
head = nn.Linear(64, vocab_size)
tokens = torch.randint(0, vocab_size, (batch_size, seq_len))
targets = torch.randint(0, vocab_size, (batch_size, seq_len))
out, _ = rnn(emb(tokens))
logits = head(out)
loss = nn.CrossEntropyLoss()(logits, targets)
