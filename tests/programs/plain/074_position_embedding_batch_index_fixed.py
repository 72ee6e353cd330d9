import torch, torch.nn as nn, torch.nn.functional as F

class BertEmbeddings(nn.Module):
    def __init__(self, vocab_size=40, max_len=20, hidden=8):
        super().__init__()
        self.word = nn.Embedding(vocab_size, hidden)
        self.position = nn.Embedding(max_len, hidden)
        self.norm = nn.LayerNorm(hidden)

    def forward(self, input_ids):
        batch_size, seq_length = input_ids.shape
        position_ids = torch.arange(seq_length)
        position_ids = position_ids.unsqueeze(0).expand(batch_size, -1)
        return self.norm(self.word(input_ids) + self.position(position_ids))

torch.manual_seed(53)
bert = BertEmbeddings()
cls = nn.Linear(8, 2)
ids = torch.randint(0, 40, (6, 6))
labels = torch.randint(0, 2, (6,))
logits = cls(bert(ids)[:, 0])
print("RESULT", round(F.cross_entropy(logits, labels).item(), 6))
