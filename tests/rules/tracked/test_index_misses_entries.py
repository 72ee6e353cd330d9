"""index-misses-entries: where it fires, and what looks alike and is right."""

from __future__ import annotations

from typing import Any

import pytest

FIRES = {
    "the batch in place of the actions": """
q, a = torch.randn(6, 4), torch.randint(0, 4, (6,))
q.gather(0, a.unsqueeze(1))
""",
    "an index that was not expanded": """
out, lengths = torch.randn(6, 9, 5), torch.randint(1, 9, (6,))
out.gather(1, (lengths - 1).view(-1, 1, 1))
""",
    "ones down a column": """
labels = torch.randint(0, 6, (6,))
torch.zeros(6, 4).scatter_(0, labels.unsqueeze(1), 1.0)
""",
}

SILENT = {
    "actions": """
q, a = torch.randn(6, 4), torch.randint(0, 4, (6,))
q.gather(1, a.unsqueeze(1)), q.t().gather(0, a.unsqueeze(0))
""",
    "an index that was expanded": """
out, lengths = torch.randn(6, 9, 5), torch.randint(1, 9, (6,))
out.gather(1, (lengths - 1).view(-1, 1, 1).expand(-1, 1, 5))
""",
    "one hot": """
labels = torch.randint(0, 4, (6,))
torch.zeros(6, 4).scatter_(1, labels.unsqueeze(1), 1.0)
""",
    "entries spelled out": """
x = torch.arange(12.).view(3, 4)
x.gather(1, torch.tensor([[0, 2]])), x.gather(0, torch.tensor([[2], [0]]))
torch.zeros(3, 5).scatter_(1, torch.tensor([[1]]), 5.0)
""",
    "one sample, some entries": """
torch.randn(1, 9).gather(1, torch.tensor([[3]]))
torch.randn(6, 9).gather(1, torch.ones(6, 3).long())
""",
}


@pytest.mark.parametrize("program", FIRES.values(), ids=FIRES.keys())
def test_it_fires(program: str, seen: Any) -> None:
    assert "index-misses-entries" in [finding.slug for finding in seen(program)]


@pytest.mark.parametrize("program", SILENT.values(), ids=SILENT.keys())
def test_it_is_silent_on_what_looks_alike(program: str, seen: Any) -> None:
    assert [str(finding) for finding in seen(program)] == []
