"""squeeze-drops-axis: where it fires, and what looks alike and is right."""

from __future__ import annotations

from typing import Any

import pytest

FIRES = {
    "a last batch of one sample": """
from torch.utils.data import DataLoader, TensorDataset
for (x,) in DataLoader(TensorDataset(torch.randn(5, 4, 1)), batch_size=2):
    scores = x.squeeze().sum(dim=-1)
""",
    "broadcast after it": """
batch, n = 1, 4
total = torch.zeros(n, batch)
total = total + torch.randn(batch, n).squeeze()
""",
    "failure after it": """
from torch.utils.data import DataLoader, TensorDataset
fc = nn.Linear(4, 3)
for (x,) in DataLoader(TensorDataset(torch.randn(5, 4, 1)), batch_size=2):
    fc(x.squeeze()).max(dim=1)
""",
}

SILENT = {
    "a loader of single samples": """
from torch.utils.data import DataLoader, TensorDataset
for (x,) in DataLoader(TensorDataset(torch.randn(5, 4, 1)), batch_size=1):
    scores = x.squeeze()
""",
    "with a dim": """
batch, n = 1, 4
total = torch.zeros(batch, n) + torch.randn(batch, n, 1).squeeze(-1)
""",
    "columns of a larger batch": """
batch = 4
out = nn.Linear(3, 1)(torch.randn(batch, 3)).squeeze()
F.mse_loss(out, torch.randn(batch))
""",
    "a number to print": """
print(nn.Linear(3, 1)(torch.randn(1, 3)).squeeze())
""",
}


@pytest.mark.parametrize("program", FIRES.values(), ids=FIRES.keys())
def test_it_fires(program: str, seen: Any) -> None:
    assert "squeeze-drops-axis" in [finding.slug for finding in seen(program)]


@pytest.mark.parametrize("program", SILENT.values(), ids=SILENT.keys())
def test_it_is_silent_on_what_looks_alike(program: str, seen: Any) -> None:
    assert [str(finding) for finding in seen(program)] == []
