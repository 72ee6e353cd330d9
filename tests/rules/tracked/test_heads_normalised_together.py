"""heads-normalised-together: where it fires, and what looks alike and is right."""

from __future__ import annotations

from typing import Any

import pytest

_OPENING = """
ask, see = nn.Linear(8, 8), nn.Linear(8, 8)
x, picture = torch.randn(3, 5, 8), torch.randn(3, 8, 4, 6)
def heads(rows, count=2):
    return rows.view(3, 5, count, 8 // count).transpose(1, 2)
"""

FIRES = {
    "keys of all heads": """
scores = heads(ask(x)) @ heads(see(x)).transpose(-2, -1)
weights = scores.transpose(1, 2).flatten(2).softmax(-1).view(3, 5, 2, 5).transpose(1, 2)
values = weights @ heads(x)
""",
    "places of a picture": """
key = nn.Conv2d(8, 8, 1)(picture).view(3, 2, 4, 4, 6)
scores = torch.einsum("bqnc,bnchw->bqnhw", ask(x).view(3, 5, 2, 4), key) * 0.5
hidden = scores.masked_fill(torch.zeros(3, 1, 1, 4, 6, dtype=torch.bool), float("-inf"))
maps = F.softmax(hidden.reshape(3, 5, -1), dim=-1).reshape(3, 5, 2, 4, 6)
""",
}

SILENT = {
    "the keys of each head": """
scores = heads(ask(x)) @ heads(see(x)).transpose(-2, -1)
weights = scores.softmax(-1).reshape(6, 5, 5).view(3, 2, 5, 5)
weights @ heads(x), weights.transpose(1, 2).flatten(2).view(3, 5, 2, 5)
""",
    "the places of a picture, for each head": """
key = nn.Conv2d(8, 8, 1)(picture).view(3, 2, 4, 4, 6)
scores = torch.einsum("bqnc,bnchw->bqnhw", ask(x).view(3, 5, 2, 4), key)
maps = F.softmax(scores.flatten(3), dim=-1).view(3, 5, 2, 4, 6)
""",
    "one distribution over moves, from and to": """
start, end = nn.Linear(8, 12)(x.mean(1)).view(3, 3, 4), nn.Linear(8, 8)(x.mean(1)).view(3, 2, 4)
moves = (start @ end.transpose(1, 2)).flatten(1).softmax(-1).view(3, 3, 2)
""",
    "one distribution over pointers and what they point to": """
pointers = nn.Linear(8, 24)(x.mean(1)).view(3, 3, 8)
chances = (pointers @ see(x).transpose(1, 2)).flatten(1).softmax(-1).view(3, 3, 5)
""",
    "weights that a layer makes for levels and points of each head": """
weights = nn.Linear(8, 2 * 3 * 4)(x).view(3, 5, 2, 12).softmax(-1).view(3, 5, 2, 3, 4)
""",
    "one distribution over all, never taken apart": """
scores = heads(ask(x)) @ heads(see(x)).transpose(-2, -1)
best = scores.transpose(1, 2).flatten(2).softmax(-1).argmax(-1)
""",
}


@pytest.mark.parametrize("program", FIRES.values(), ids=FIRES.keys())
def test_it_fires(program: str, seen: Any) -> None:
    found = [(finding.slug, finding.severity.value) for finding in seen(_OPENING + program)]
    assert found == [("heads-normalised-together", "warning")]


@pytest.mark.parametrize("program", SILENT.values(), ids=SILENT.keys())
def test_it_is_silent_on_what_looks_alike(program: str, seen: Any) -> None:
    assert [str(finding) for finding in seen(_OPENING + program)] == []
