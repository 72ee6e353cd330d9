"""weights-after-mean: where it fires, and what looks alike and is right."""

from __future__ import annotations

from typing import Any

import pytest

FIRES = {
    "weights that come from elsewhere": """
x, y, w = torch.randn(8, 4), torch.rand(8), torch.rand(8)
loss = (w * F.smooth_l1_loss(nn.Linear(4, 1)(x).squeeze(1), y)).mean()
""",
    "weights of a replay": """
states, buffer = torch.randn(8, 4), torch.rand(8)
q = nn.Linear(4, 1)(states).squeeze(1)
target = q.detach() + 1
weights = (target - 1).abs()
loss = (weights * F.mse_loss(q, target)).mean()
""",
    "weights of classes": """
x = torch.randn(8, 4)
logits = nn.Linear(4, 3)(x)
labels = logits.argmax(1)
weights = (labels == 1).float()
loss = (F.cross_entropy(logits, labels) * weights).mean()
""",
    "returns": """
logits = nn.Linear(4, 3)(torch.randn(8, 4))
log_probs = logits.log_softmax(1).max(1).values
advantages = log_probs.detach() + 1
loss = -(advantages * log_probs.mean()).mean()
""",
}

SILENT = {
    "a loss for each sample": """
logits = nn.Linear(4, 3)(torch.randn(8, 4))
labels = logits.argmax(1)
weights = (labels == 1).float()
loss = (F.cross_entropy(logits, labels, reduction="none") * weights).mean()
loss = loss + 0.1 * F.cross_entropy(logits, labels) * weights.mean()
""",
    "scaled by its own mean": """
x = torch.randn(8)
x * x.mean(), x / x.mean()
p = nn.Linear(4, 1)(torch.randn(8, 4)).squeeze(1)
p * p.mean(), p * p.mean().detach()
""",
    "one loss, weights of tasks": """
x = torch.randn(8, 4)
tasks = torch.rand(3)
(F.mse_loss(nn.Linear(4, 4)(x), x) * tasks).sum()
""",
}


@pytest.mark.parametrize("program", FIRES.values(), ids=FIRES.keys())
def test_it_fires(program: str, seen: Any) -> None:
    assert "weights-after-mean" in [finding.slug for finding in seen(program)]


@pytest.mark.parametrize("program", SILENT.values(), ids=SILENT.keys())
def test_it_is_silent_on_what_looks_alike(program: str, seen: Any) -> None:
    assert [str(finding) for finding in seen(program)] == []
