"""batch-pooled: where it fires, and what looks alike and is right."""

from __future__ import annotations

from typing import Any

import pytest

PACKED = """
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence
lengths = torch.tensor([8, 3, 5])
packed = pack_padded_sequence(
    torch.randn(3, 8, 4), lengths, batch_first=True, enforce_sorted=False)
out, _ = nn.LSTM(4, 5, batch_first=True)(packed)
"""

FIRES = {
    "packed batch first, padded again time first": PACKED
    + """
pooled = pad_packed_sequence(out)[0].max(dim=1)[0]
""",
    "a comment that says time": """
out, _ = nn.LSTM(6, 12)(torch.randn(20, 5, 6))
pooled = out.mean(dim=1)  # mean over all time steps
nn.Linear(12, 4)(pooled)
""",
    "attention time first, pooled batch first": """
words = nn.Embedding(50, 32)(torch.randint(0, 50, (16, 21)))
attended, _ = nn.MultiheadAttention(32, 4)(words, words, words)
nn.Linear(32, 5)(nn.LayerNorm(32)(words + attended).mean(dim=1))
""",
    "a recurrent layer batch first, pooled time first": """
out, _ = nn.GRU(3, 6, batch_first=True)(torch.randn(9, 4, 3))
nn.Linear(6, 2)(torch.relu(out.max(dim=0).values))
""",
}

SILENT = {
    "packed batch first, padded again time first, and pooled so": PACKED
    + """
padded, counts = pad_packed_sequence(out)
padded.max(dim=0)[0], padded.sum(dim=0) / counts[:, None], padded.sum(dim=1)
""",
    "padded again batch first": PACKED
    + """
pad_packed_sequence(out, batch_first=True)[0].mean(dim=1)
""",
    "each person's track, pooled over persons as it is written": """
class Group(nn.Module):
    '''Each track by one LSTM, the maximum over all persons, one label a frame.'''
    def __init__(self):
        super().__init__()
        self.rnn, self.fc = nn.LSTM(6, 12), nn.Linear(12, 4)
    def forward(self, tracks):
        return self.fc(self.rnn(tracks)[0].max(dim=1).values)
F.cross_entropy(Group()(torch.randn(20, 5, 6)), torch.randint(0, 4, (20,)))
""",
    "pooled over time": """
words = nn.Embedding(50, 32)(torch.randint(0, 50, (16, 21)))
attended, _ = nn.MultiheadAttention(32, 4, batch_first=True)(words, words, words)
nn.Linear(32, 5)(attended.mean(dim=1))
out, _ = nn.GRU(3, 6)(torch.randn(9, 4, 3))
nn.Linear(6, 2)(out.mean(dim=0))
""",
    "an error by step": """
out, _ = nn.GRU(3, 6)(torch.randn(9, 4, 3))
((out - torch.randn(9, 4, 6)) ** 2).mean(dim=1)
""",
    "one of the samples, then a mean": """
out, _ = nn.GRU(3, 6)(torch.randn(9, 4, 3))
nn.Linear(6, 2)(out[-1].mean(dim=0))
""",
    "one input several times, and who moves along together": """
out, _ = nn.GRU(3, 6)(torch.randn(9, 1, 3).expand(-1, 20, -1))
nn.Linear(6, 2)(out.mean(dim=1))
n_persons = 5
out, _ = nn.GRU(3, 6)(torch.randn(9, n_persons, 3))
nn.Linear(6, 2)(out.max(dim=1).values)
""",
    "read both ways on purpose": """
x = torch.randn(9, 4, 8)
rows, columns = nn.MultiheadAttention(8, 2), nn.MultiheadAttention(8, 2)
x = rows(x, x, x)[0].transpose(0, 1)
x = columns(x, x, x)[0]
nn.Linear(8, 2)(x.mean(dim=1))
""",
}


@pytest.mark.parametrize("program", FIRES.values(), ids=FIRES.keys())
def test_it_fires(program: str, seen: Any) -> None:
    assert "batch-pooled" in [finding.slug for finding in seen(program)]


@pytest.mark.parametrize("program", SILENT.values(), ids=SILENT.keys())
def test_it_is_silent_on_what_looks_alike(program: str, seen: Any) -> None:
    assert [str(finding) for finding in seen(program)] == []
