import torch
import torch.nn as nn

embedding = nn.Embedding(1000, 64)
conv = nn.Conv1d(64, 128, kernel_size=3)
tokens = torch.randint(0, 1000, (16, 40))
x = embedding(tokens)
features = conv(x)
