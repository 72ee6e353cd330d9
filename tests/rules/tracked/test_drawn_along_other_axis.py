"""normalised-axis-not-summed: a distribution over classes, given shares of the samples."""

from __future__ import annotations

from typing import Any

import pytest

POLICY = """import torch
import torch.nn as nn
from torch.distributions import Categorical, OneHotCategorical
torch.manual_seed(0)
scores = nn.Linear(4, 3)(torch.randn(16, 4))
"""

FIRES = {
    "probs by name": "Categorical(probs=torch.softmax(scores, dim=0)).sample()",
    "probs first": "OneHotCategorical(scores.softmax(0)).entropy()",
}

SILENT = {
    "over the actions": "Categorical(probs=scores.softmax(-1)).entropy()",
    "turned before": "Categorical(scores.softmax(0).t())",
    "scores": "Categorical(logits=scores)",
    "rows and columns in turn": """
plan = scores.exp()
for _ in range(3):
    plan = plan / plan.sum(0, keepdim=True)
    plan = plan / plan.sum(1, keepdim=True)
""",
}


@pytest.mark.parametrize("program", FIRES.values(), ids=FIRES.keys())
def test_it_fires(program: str, seen: Any) -> None:
    assert "normalised-axis-not-summed" in [finding.slug for finding in seen(POLICY + program)]


@pytest.mark.parametrize("program", SILENT.values(), ids=SILENT.keys())
def test_it_is_silent_on_what_looks_alike(program: str, seen: Any) -> None:
    assert [str(finding) for finding in seen(POLICY + program)] == []
