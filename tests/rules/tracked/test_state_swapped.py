"""state-swapped: where it fires, and what looks alike and is right."""

from __future__ import annotations

from typing import Any

import pytest

FIRES = {
    "called by each other's name": """
out, (c, h) = nn.LSTM(3, 4)(torch.randn(5, 6, 3))
""",
    "unpacked the wrong way": """
cell = nn.LSTMCell(3, 4)
x = torch.randn(2, 3)
c, h = cell(x)
h, c = cell(x, (h, c))
""",
    "after detach": """
lstm, x = nn.LSTM(3, 4), torch.randn(5, 2, 3)
_, (h, c) = lstm(x)
h, c = h.detach(), c.detach()
lstm(x, (c, h))
""",
}

SILENT = {
    "called by their names": """
lstm = nn.LSTM(3, 4)
out, (h_n, c_n) = lstm(torch.randn(5, 6, 3))
out, (hidden, cell) = lstm(torch.randn(5, 6, 3))
out, (state, memory) = lstm(torch.randn(5, 6, 3))
out, (h, _) = lstm(torch.randn(5, 6, 3))
chars, (hc, hh) = lstm(torch.randn(5, 6, 3))
""",
    "carried over": """
lstm, x = nn.LSTM(3, 4), torch.randn(5, 2, 3)
state = None
for _ in range(3):
    out, state = lstm(x, state)
    state = tuple(s.detach() for s in state)
""",
    "both from one": """
lstm, x = nn.LSTM(3, 4), torch.randn(5, 2, 3)
_, h = nn.GRU(3, 4)(x)
lstm(x, (h, torch.zeros_like(h)))
""",
}


@pytest.mark.parametrize("program", FIRES.values(), ids=FIRES.keys())
def test_it_fires(program: str, seen: Any) -> None:
    assert "state-swapped" in [finding.slug for finding in seen(program)]


@pytest.mark.parametrize("program", SILENT.values(), ids=SILENT.keys())
def test_it_is_silent_on_what_looks_alike(program: str, seen: Any) -> None:
    assert [str(finding) for finding in seen(program)] == []
