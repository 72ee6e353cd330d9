"""dim-left-out: where it fires, and what looks alike and is right."""

from __future__ import annotations

from typing import Any

import pytest

FIRES = {
    "a window that a model reads": """
rnn = nn.GRU(3, 8, batch_first=True)
window = torch.rand(6, 1, 3) + torch.rand(1, 10, 1)
for _ in range(2):
    y = rnn(window)[0][:, -1, :3]
    window = torch.roll(window, -1)
    window[:, -1] = y.detach()
""",
    "by a method, for a later computation": """
x = torch.randn(6, 10)
drift = x - x.roll(1)
""",
    "negatives of each sample": """
batch_size, dim = 5, 8
anchors = torch.randn(batch_size, dim)
loss = F.relu(1 - (anchors * anchors.roll(1)).sum(1)).mean()
""",
    "the best of all entries beside labels": """
batch_size = 5
model = nn.Linear(4, 3)
x, y = torch.randn(batch_size, 4), torch.randint(0, 3, (batch_size,))
correct = (model(x).argmax() == y).sum()
""",
}

SILENT = {
    "along one axis, or along each": """
x = torch.randn(6, 10)
x + x.roll(1, 1) + torch.roll(x, 1, dims=0) + torch.roll(x, (1, 2), dims=(0, 1))
""",
    "a ring buffer, and a column": """
ring, column = torch.randn(10), torch.randn(10, 1)
ring.roll(1) + 1, torch.roll(column, 1) - column
""",
    "whole rows": """
batch, dim = 6, 4
x = torch.randn(batch, dim)
x - torch.roll(x, dim)
""",
    "the next word of a stream cut into rows": """
batch_size, steps = 4, 6
stream = torch.randint(0, 9, (batch_size * steps,))
x = stream.view(batch_size, steps)
y = torch.roll(x, -1)
F.cross_entropy(nn.Embedding(9, 9)(x).view(-1, 9), y.view(-1))
""",
    "a lesson": """
x = torch.randn(4, 2)
print(torch.roll(x, 1), torch.roll(x, 1).shape)
""",
    "one sample": """
steps, features = 10, 3
x = torch.randn(1, steps, 1)
x + torch.roll(x, 1)
""",
    "the best for each row, the best of one row, the best of a table": """
batch_size, classes = 5, 3
scores, y = torch.randn(batch_size, classes), torch.randint(0, classes, (batch_size,))
scores.argmax(1) == y, scores[0].argmax() == y, scores[:1].argmax() == y[:1]
torch.arange(batch_size * classes) == scores.argmax()
""",
}

REPEATED = """
batch_size, dim = 5, 3
z = nn.Linear(4, dim)(torch.randn(batch_size, 4))
"""


def test_entries_repeated_without_dim_are_no_rows(seen: Any) -> None:
    told = seen(REPEATED + "z.repeat_interleave(4).view(batch_size * 4, dim) + 1")
    assert [finding.slug for finding in told] == ["scrambling-reshape"]
    right = "z.repeat_interleave(4, 0) + 1, z.repeat_interleave(4).view(batch_size, dim * 4) + 1"
    assert seen(REPEATED + right) == []


@pytest.mark.parametrize("program", FIRES.values(), ids=FIRES.keys())
def test_it_fires(program: str, seen: Any) -> None:
    assert [finding.slug for finding in seen(program)] == ["dim-left-out"]


@pytest.mark.parametrize("program", SILENT.values(), ids=SILENT.keys())
def test_it_is_silent_on_what_looks_alike(program: str, seen: Any) -> None:
    assert [str(finding) for finding in seen(program)] == []
