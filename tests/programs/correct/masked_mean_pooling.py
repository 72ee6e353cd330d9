import torch
import torch.nn as nn

torch.manual_seed(22)


def mean_pooling(token_embeddings, attention_mask):
    mask = attention_mask.unsqueeze(-1).expand(token_embeddings.size()).float()
    return (token_embeddings * mask).sum(1) / mask.sum(1).clamp(min=1e-9)


def max_pooling(token_embeddings, attention_mask):
    hidden = token_embeddings.masked_fill(attention_mask[:, :, None] == 0, -1e9)
    return hidden.max(dim=1).values


ids = torch.randint(1, 20, (5, 8))
for row, n in enumerate((8, 3, 5, 1, 6)):
    ids[row, n:] = 0
emb = nn.Embedding(20, 8)(ids)
mask = (ids != 0).long()
mean, top = mean_pooling(emb, mask), max_pooling(emb, mask)
weights = torch.softmax(emb.sum(-1).masked_fill(mask == 0, float("-inf")), dim=1)
weighted = torch.bmm(weights.unsqueeze(1), emb).squeeze(1)
print("RESULT", round((mean + top + weighted).sum().item(), 4))
