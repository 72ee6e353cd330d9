"""index-makes-pairs: where it fires, and what looks alike and is right."""

from __future__ import annotations

from typing import Any

import pytest

FIRES = {
    "labels that come from elsewhere": """
log_probs, labels = F.log_softmax(torch.randn(8, 4), dim=1), torch.randint(0, 4, (8,))
loss = -log_probs[:, labels].mean()
""",
    "times one number a sample": """
contexts = torch.randn(8, 6)
log_probs = F.log_softmax(nn.Linear(6, 4)(contexts), dim=1)
actions = torch.multinomial(log_probs.exp(), 1).squeeze(1)
rewards = (actions == 1).float()
loss = -(log_probs[:, actions] * rewards).mean()
""",
    "averaged as a whole": """
log_probs = F.log_softmax(torch.randn(8, 4), dim=1)
loss = -log_probs[:, log_probs.argmax(1)].mean()
""",
}

SILENT = {
    "all pairs, of which the diagonal is taken as well": """
scores, labels = torch.randn(8, 3), torch.randint(0, 3, (8,))
table = scores[:, labels]
table.mean(), table.diag().mean()
""",
    "as many columns as rows": """
x = torch.randn(6, 9)
x[:, torch.randperm(9)[:6]].mean(), x[:, torch.randint(0, 9, (6,))].sum()
""",
    "one entry a sample": """
scores = torch.randn(8, 4)
actions = scores.argmax(1)
-scores[torch.arange(8), actions].mean(), scores.gather(1, actions.unsqueeze(1)).mean()
""",
    "columns in another order": """
d = torch.rand(8, 8)
order = d.sum(0).argsort()
d[:, order].mean(), (d[:, order] * torch.rand(8)).sum()
""",
    "other columns": """
x = torch.randn(8, 6)
chosen = torch.randperm(6)[:3]
x[:, chosen].mean(), (x[:, chosen] * torch.rand(3)).sum()
""",
    "a part of a table, and numbers of its columns": """
rates, items = torch.rand(4, 4), torch.randint(0, 4, (8,))
rates[items][:, items].mean()
logits = torch.randn(8, 4)[:, items] - torch.rand(4).log()[items]
F.cross_entropy(logits, torch.arange(8))
""",
    "a table of pairs": """
scores = torch.randn(8, 4)
labels = scores.argmax(1)
table = scores[:, labels]
F.cross_entropy(table, torch.arange(8))
""",
}


@pytest.mark.parametrize("program", FIRES.values(), ids=FIRES.keys())
def test_it_fires(program: str, seen: Any) -> None:
    assert "index-makes-pairs" in [finding.slug for finding in seen(program)]


@pytest.mark.parametrize("program", SILENT.values(), ids=SILENT.keys())
def test_it_is_silent_on_what_looks_alike(program: str, seen: Any) -> None:
    assert [str(finding) for finding in seen(program)] == []
