"""singleton-softmax: where it fires, and what looks alike and is right."""

from __future__ import annotations

from typing import Any

import pytest

FIRES = {
    "one output": """
F.softmax(nn.Linear(4, 1)(torch.randn(6, 4)), dim=1)
""",
    "a new axis": """
torch.randn(6, 5).unsqueeze(1).softmax(1)
""",
}

SILENT = {
    "a sequence of one step": """
batch, seq_len = 3, 1
F.softmax(torch.randn(batch, seq_len), dim=1)
""",
    "one query": """
batch, seq_len, dim = 2, 1, 4
q = torch.randn(batch, seq_len, dim)
(q @ q.transpose(1, 2)).softmax(-1)
""",
    "over the steps": """
F.softmax(nn.Linear(4, 1)(torch.randn(2, 6, 4)), dim=1)
""",
}


@pytest.mark.parametrize("program", FIRES.values(), ids=FIRES.keys())
def test_it_fires(program: str, seen: Any) -> None:
    assert "singleton-softmax" in [finding.slug for finding in seen(program)]


@pytest.mark.parametrize("program", SILENT.values(), ids=SILENT.keys())
def test_it_is_silent_on_what_looks_alike(program: str, seen: Any) -> None:
    assert [str(finding) for finding in seen(program)] == []
