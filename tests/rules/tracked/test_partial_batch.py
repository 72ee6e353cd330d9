"""partial-batch: where it fires, and what looks alike and is right."""

from __future__ import annotations

from typing import Any

import pytest

FIRES = {
    "a view": """
from torch.utils.data import DataLoader, TensorDataset
for (x,) in DataLoader(TensorDataset(torch.randn(5, 6)), batch_size=2):
    x.view(2, 6)
""",
    "a sum": """
from torch.utils.data import DataLoader, TensorDataset
noise = torch.randn(3, 6)
for (x,) in DataLoader(TensorDataset(torch.randn(5, 6)), batch_size=3):
    x + noise
""",
}

SILENT = {
    "features as many as the samples that are left": """
from torch.utils.data import DataLoader, TensorDataset
latent, wide = nn.Linear(6, 2), nn.Linear(3, 4)
for (x,) in DataLoader(TensorDataset(torch.randn(5, 6)), batch_size=3):
    wide(latent(x)) if len(x) == 2 else None
""",
    "drop_last": """
from torch.utils.data import DataLoader, TensorDataset
for (x,) in DataLoader(TensorDataset(torch.randn(5, 6)), batch_size=2, drop_last=True):
    x.view(2, 6)
""",
    "another failure": """
from torch.utils.data import DataLoader, TensorDataset
for (x,) in DataLoader(TensorDataset(torch.randn(5, 6)), batch_size=2):
    if len(x) == 1:
        x @ torch.randn(7, 7)
""",
}


@pytest.mark.parametrize("program", FIRES.values(), ids=FIRES.keys())
def test_it_fires(program: str, seen: Any) -> None:
    assert "partial-batch" in [finding.slug for finding in seen(program)]


@pytest.mark.parametrize("program", SILENT.values(), ids=SILENT.keys())
def test_it_is_silent_on_what_looks_alike(program: str, seen: Any) -> None:
    assert [str(finding) for finding in seen(program)] == []
