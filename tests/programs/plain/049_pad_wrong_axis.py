import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(28)


def collate(sequences, length):
    """Pad every (time, feature) sequence to the same number of steps."""
    rows = []
    for s in sequences:
        rows.append(F.pad(s, (0, length - s.size(0))))  # BUG: F.pad starts at the last axis: this adds features, not steps
    return torch.stack(rows)


seqs = [torch.randn(t, 3) for t in (4, 6, 5)]
batch = collate(seqs, 7)
lstm = nn.LSTM(3, 5, batch_first=True)
out, _ = lstm(batch)
print("RESULT", tuple(out.shape), round(out.sum().item(), 4))
