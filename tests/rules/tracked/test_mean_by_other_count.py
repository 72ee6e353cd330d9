"""mean-by-other-count: where it fires, and what looks alike and is right."""

from __future__ import annotations

from typing import Any

import pytest

FIRES = {
    "by the count of the whole batch": """
words, mask = torch.randn(4, 9, 16), torch.ones(4, 9)
(words * mask.unsqueeze(-1)).sum(1) / mask.sum().clamp(min=1)
""",
    "by the count of another axis": """
words, mask = torch.randn(9, 9, 16), torch.ones(9, 9)
(words * mask.unsqueeze(-1).float()).sum(1) / mask.sum(0).unsqueeze(1)
""",
}

SILENT = {
    "by its own count": """
words, mask = torch.randn(4, 9, 16), torch.ones(4, 9)
m = mask.unsqueeze(-1)
(words * m).sum(1) / mask.sum(1, keepdim=True).clamp(min=1), (words * m).sum(1) / m.sum(1)
""",
    "a loss over all tokens": """
loss, mask = torch.rand(4, 9), torch.ones(4, 9)
(loss * mask).sum() / mask.sum(), ((loss * mask).sum(1) / mask.sum()).sum()
""",
    "shares of a table": """
counts, value = torch.rand(4, 3, 5), torch.rand(5)
(counts * value).sum(2) / counts.sum()
""",
    "a mean over samples and steps": """
x, w = torch.randn(4, 9, 16), torch.rand(4, 9, 1)
(x * w).sum((0, 1)) / w.sum((0, 1)), (x * w).sum((0, 1)) / w.sum()
""",
    "weights over a constant": """
x, w = torch.randn(4, 9, 16), torch.rand(4, 9, 1)
(x * w).sum(1) / 9, (x * w).sum(1) / torch.rand(4, 1)
""",
}


@pytest.mark.parametrize("program", FIRES.values(), ids=FIRES.keys())
def test_it_fires(program: str, seen: Any) -> None:
    assert "mean-by-other-count" in [finding.slug for finding in seen(program)]


@pytest.mark.parametrize("program", SILENT.values(), ids=SILENT.keys())
def test_it_is_silent_on_what_looks_alike(program: str, seen: Any) -> None:
    assert [str(finding) for finding in seen(program)] == []
