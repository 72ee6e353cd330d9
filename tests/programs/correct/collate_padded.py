import torch
import torch.nn as nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence
from torch.utils.data import DataLoader, Dataset

torch.manual_seed(36)


class Reviews(Dataset):
    def __init__(self):
        self.items = [(torch.randint(1, 20, (int(n),)), int(n) % 2) for n in torch.randint(2, 9, (14,))]

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        return self.items[i]


def collate(batch):
    texts, labels = zip(*batch)
    lengths = torch.tensor([len(t) for t in texts])
    return pad_sequence(texts, batch_first=True), lengths, torch.tensor(labels)


def collate_time_first(batch):
    texts, labels = zip(*batch)
    return pad_sequence(texts), torch.tensor(labels)


emb, gru, fc = nn.Embedding(20, 6, padding_idx=0), nn.GRU(6, 5, batch_first=True), nn.Linear(5, 2)
total = 0.0
for ids, lengths, labels in DataLoader(Reviews(), batch_size=4, collate_fn=collate):
    packed = pack_padded_sequence(emb(ids), lengths, batch_first=True, enforce_sorted=False)
    _, h = gru(packed)
    total += nn.functional.cross_entropy(fc(h.squeeze(0)), labels).item()
rnn = nn.RNN(6, 5)
for ids, labels in DataLoader(Reviews(), batch_size=4, collate_fn=collate_time_first):
    out, h = rnn(emb(ids))
    total += nn.functional.cross_entropy(fc(out[-1]), labels).item()
print("RESULT", round(total, 5))
