"""role-conflict: where it fires, and what looks alike and is right."""

from __future__ import annotations

from typing import Any

import pytest

FIRES = {
    "loader into an LSTM": """
from torch.utils.data import DataLoader, TensorDataset
for (x,) in DataLoader(TensorDataset(torch.randn(6, 5, 3)), batch_size=3):
    nn.GRU(3, 4)(x)
""",
    "attention without batch_first": """
batch_size, seq_len, dim = 3, 5, 8
x = torch.randn(batch_size, seq_len, dim)
nn.MultiheadAttention(dim, 2)(x, x, x)
""",
    "batch first, then time first": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(4, 8, batch_first=True)
        self.attention = nn.MultiheadAttention(8, 2)
    def forward(self, x):
        out, _ = self.rnn(x)
        return self.attention(out, out, out)[0]
Net()(torch.randn(3, 5, 4))
""",
    "a layer made for another axis": """
batch, words, embed_dim = 3, 6, 6
x = torch.randn(batch, words, embed_dim)
nn.Conv1d(embed_dim, 5, 3)(x)
""",
    "axes exchanged before a loss": """
batch, steps = 4, 4
pred, target = torch.randn(steps, batch), torch.randn(batch, steps)
F.mse_loss(pred, target)
""",
}

SILENT = {
    "loader with batch_first": """
from torch.utils.data import DataLoader, TensorDataset
for (x,) in DataLoader(TensorDataset(torch.randn(6, 5, 3)), batch_size=3):
    nn.GRU(3, 4, batch_first=True)(x)
""",
    "time first on purpose": """
seq_len, batch_size, dim = 5, 3, 8
x = torch.randn(seq_len, batch_size, dim)
out, _ = nn.LSTM(dim, 4)(x)
nn.TransformerEncoderLayer(dim, 2)(x)
""",
    "a transpose in between": """
batch_size, seq_len, dim = 3, 5, 8
x = torch.randn(batch_size, seq_len, dim)
nn.LSTM(dim, 4)(x.transpose(0, 1))
""",
    "a matrix made symmetric": """
nodes = 5
a = torch.rand(5, 5)
s = (a + a.t()) / 2
""",
    "attention along either axis": """
rows, cols, dim = 4, 4, 8
x = torch.randn(rows, cols, dim)
x = nn.MultiheadAttention(dim, 2)(x, x, x)[0].transpose(0, 1)
x = nn.MultiheadAttention(dim, 2)(x, x, x)[0].transpose(0, 1)
""",
    "mixing over time": """
batch, seq_len, dim = 3, 6, 6
x = torch.randn(batch, seq_len, dim)
y = nn.Linear(seq_len, seq_len)(x.transpose(1, 2)).transpose(1, 2)
""",
    "number of sequences": """
n_seq, n_steps = 4, 5
nn.RNN(2, 3, batch_first=True)(torch.randn(n_seq, n_steps, 2))
""",
}


@pytest.mark.parametrize("program", FIRES.values(), ids=FIRES.keys())
def test_it_fires(program: str, seen: Any) -> None:
    assert "role-conflict" in [finding.slug for finding in seen(program)]


@pytest.mark.parametrize("program", SILENT.values(), ids=SILENT.keys())
def test_it_is_silent_on_what_looks_alike(program: str, seen: Any) -> None:
    assert [str(finding) for finding in seen(program)] == []
