"""loop-over-other-axis: where it fires, and what looks alike and is right."""

from __future__ import annotations

from typing import Any

import pytest

ROLLOUT = """
T, N = 6, 6
rewards = torch.randn(T, N)
"""

FIRES = {
    "returns along the samples": """
total = torch.zeros(N)
for t in reversed(range(T)):
    total = rewards[:, t] + 0.99 * total
""",
    "written along the samples": """
returns = torch.zeros(T, N)
for t in range(T - 1, -1, -1):
    returns[:, t] = torch.ones(N)
""",
    "the size read from the tensor": """
batch, steps = 5, 5
x = torch.randn(batch, steps, 3)
for t in range(x.size(1)):
    x[t].sum()
""",
    "in a comprehension": """
[rewards[..., t].sum() for t in range(T)]
""",
}

SILENT = {
    "time and samples in their place": """
for t in reversed(range(T)):
    rewards[t].sum(), rewards[t, :].sum()
    for n in range(N):
        rewards[t, n], rewards[:, n].sum()
""",
    "turned before": """
turned = rewards.t()
for t in range(T):
    turned[:, t].sum(), turned[..., t]
""",
    "a square of which nothing is known": """
a = torch.randn(4, 4)
n = a.size(0)
for i in range(n):
    a[:, i].norm(), a[i, i]
""",
    "a square of one axis": """
points = torch.randn(N, 3)
gram = points @ points.t()
for i in range(gram.size(0)):
    gram[:, i].sum(), gram[i, i]
    for j in range(gram.size(0)):
        gram[i, j]
""",
    "a diagonal": """
for t in range(T):
    rewards[t, t]
""",
    "a table with a border": """
m = 4
table = torch.zeros(T + 1, m + 1)
for t in range(1, T + 1):
    for j in range(1, m + 1):
        table[t, j] = table[t - 1, j - 1] + 1
""",
    "another number": """
for t in range(6):
    rewards[:, t].sum()
""",
}


@pytest.mark.parametrize("program", FIRES.values(), ids=FIRES.keys())
def test_it_fires(program: str, seen: Any) -> None:
    assert "loop-over-other-axis" in [finding.slug for finding in seen(ROLLOUT + program)]


@pytest.mark.parametrize("program", SILENT.values(), ids=SILENT.keys())
def test_it_is_silent_on_what_looks_alike(program: str, seen: Any) -> None:
    assert [str(finding) for finding in seen(ROLLOUT + program)] == []
