"""mask-without-effect: where it fires, and what looks alike and is right."""

from __future__ import annotations

from typing import Any

import pytest

FIRES = {
    "a padding mask along the queries": """
x, pad = torch.randn(2, 5, 4), torch.tensor([[0, 0, 0, 1, 1], [0, 0, 0, 0, 1]]).bool()
scores = (x @ x.transpose(1, 2)).masked_fill(pad.unsqueeze(2), -1e9).softmax(-1)
""",
    "thrown away": """
s = torch.randn(3, 4)
s.masked_fill(s > 0, -1e9)
""",
    "too late": """
w = torch.randn(3, 4).softmax(-1)
w = w.masked_fill(w > 0.5, -1e9)
""",
}

SILENT = {
    "a padding mask along the keys, and one along the queries": """
x, pad = torch.randn(2, 5, 4), torch.tensor([[0, 0, 0, 1, 1], [0, 0, 0, 0, 1]]).bool()
scores = (x @ x.transpose(1, 2)).masked_fill(pad.unsqueeze(1), -1e9).softmax(-1)
both = (x @ x.transpose(1, 2)).masked_fill(pad.unsqueeze(2), -1e9)
both = both.masked_fill(pad.unsqueeze(1), -1e9).softmax(-1)
""",
    "in place": """
s = torch.randn(3, 4)
s.masked_fill_(s > 0, -1e9)
s.softmax(1)
""",
    "zero after the softmax": """
w = torch.randn(3, 4).softmax(-1)
w = w.masked_fill(w < 0.1, 0.0)
""",
    "used in an expression": """
s = torch.randn(3, 4)
w = s.masked_fill(s > 9, float("-inf")).softmax(1)
""",
}


@pytest.mark.parametrize("program", FIRES.values(), ids=FIRES.keys())
def test_it_fires(program: str, seen: Any) -> None:
    assert "mask-without-effect" in [finding.slug for finding in seen(program)]


@pytest.mark.parametrize("program", SILENT.values(), ids=SILENT.keys())
def test_it_is_silent_on_what_looks_alike(program: str, seen: Any) -> None:
    assert [str(finding) for finding in seen(program)] == []
