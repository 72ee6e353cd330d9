import torch
import torch.nn as nn

words = [f"w{i}" for i in range(50)]
vocab = {w: i + 1 for i, w in enumerate(words)}  # 0 is padding
emb = nn.Embedding(len(vocab), 16, padding_idx=0)
batch = torch.tensor([[vocab["w3"], vocab["w49"], 0], [vocab["w7"], 0, 0]])
print(emb(batch).shape)
