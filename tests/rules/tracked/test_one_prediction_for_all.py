"""one-prediction-for-all: where it fires, and what looks alike and is right."""

from __future__ import annotations

from typing import Any

import pytest

_PAIRS = """
x, y = torch.randn(6, 8), torch.randn(6, 8)
label = torch.arange(x.size(0))
"""

FIRES = {
    "distances to partners, expanded": _PAIRS
    + """
stepsize = y.size(0)
output = -1 * (F.pairwise_distance(x, y) ** 2).expand(stepsize, -1)
nn.CrossEntropyLoss()(output, label)
""",
    "likenesses to partners, repeated": _PAIRS
    + """
scores = F.cosine_similarity(x, y).unsqueeze(0).repeat(6, 1)
F.cross_entropy(scores / 0.1, label)
""",
}

SILENT = {
    "scores of all pairs": _PAIRS
    + """
F.cross_entropy(-torch.cdist(x, y), label), F.cross_entropy(x @ y.T / 0.1, label)
F.cross_entropy(F.cosine_similarity(x[:, None].expand(6, 6, 8), y[None].expand(6, 6, 8), -1), label)
""",
    "repeated along the classes, added to others": _PAIRS
    + """
norms = (y ** 2).sum(1)
F.cross_entropy(x @ y.T - 0.5 * norms.expand(6, -1), label)
F.cross_entropy(norms.expand(6, -1).t(), label)
F.cross_entropy(norms.expand(6, -1) + x[:, :6], label)
""",
    "a prior, class numbers, zeros": """
prior, label = nn.Parameter(torch.randn(4)), torch.randint(0, 4, (5,))
F.cross_entropy(prior.expand(4, -1), torch.arange(4))
F.cross_entropy(torch.randn(4).expand(5, -1), label)
F.cross_entropy(torch.zeros(4, 4), torch.arange(4))
""",
}


@pytest.mark.parametrize("program", FIRES.values(), ids=FIRES.keys())
def test_it_fires(program: str, seen: Any) -> None:
    assert [finding.slug for finding in seen(program)] == ["one-prediction-for-all"]


@pytest.mark.parametrize("program", SILENT.values(), ids=SILENT.keys())
def test_it_is_silent_on_what_looks_alike(program: str, seen: Any) -> None:
    assert [str(finding) for finding in seen(program)] == []
