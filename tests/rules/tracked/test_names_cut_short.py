"""names-cut-short: where it fires, and what looks alike and is right."""

from __future__ import annotations

from typing import Any

import pytest

SLUG = "names-cut-short"
DATA = """
torch.manual_seed(0)
names = ["nodule", "edema", "effusion"]
truth = (torch.rand(20, 3) < 0.5).float()
pred = (torch.rand(20, 3) < 0.5).float()
"""

FIRES = {
    "a score of each sample": """
score = (pred * truth).sum(1) / (pred + truth).clamp(max=1).sum(1).clamp(min=1)
for name, value in zip(names, score):
    name, float(value)
""",
    "a table of all samples": """
dict(zip(names, (pred == truth).float()))
""",
    "in a function": """
def report(found, wanted):
    return [(n, v.item()) for n, v in zip(names, (found - wanted).abs().mean(dim=1))]
report(pred, truth)
""",
}

SILENT = {
    "a score of each name": """
for name, value in zip(names, (pred == truth).float().mean(0)):
    name, float(value)
""",
    "the first few": """
for name, row in zip(names[:2], pred):
    name, row
for i, row in zip(range(3), pred):
    i, row
""",
    "names of rows": """
best = torch.randn(20)
for name, value in zip([f"patient {i}" for i in range(20)], best):
    name, value
""",
    "another table altogether": """
weights = torch.randn(7)
for name, value in zip(names, weights):
    name, value
""",
}


@pytest.mark.parametrize("program", FIRES.values(), ids=FIRES.keys())
def test_it_fires(program: str, seen: Any) -> None:
    assert SLUG in [finding.slug for finding in seen(DATA + program)]


@pytest.mark.parametrize("program", SILENT.values(), ids=SILENT.keys())
def test_it_is_silent_on_what_looks_alike(program: str, seen: Any) -> None:
    assert [str(finding) for finding in seen(DATA + program)] == []
