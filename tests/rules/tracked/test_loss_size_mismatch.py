"""loss-size-mismatch: where it fires, and what looks alike and is right."""

from __future__ import annotations

from typing import Any

import pytest

FIRES = {
    "mse of a column": """
loss = F.mse_loss(torch.randn(5, 1), torch.randn(5))
""",
    "l1 with a row": """
loss = nn.L1Loss()(torch.randn(5, 1), torch.randn(1, 5))
""",
    "one value against three": """
loss = F.smooth_l1_loss(nn.Linear(4, 1)(torch.randn(5, 4)), torch.randn(5, 3))
""",
}

SILENT = {
    "same shapes": """
loss = F.mse_loss(torch.randn(5, 1), torch.randn(5, 1))
""",
    "one number for all": """
loss = F.mse_loss(torch.randn(5, 1), torch.tensor(1.0))
""",
    "one target for all steps of a sample": """
loss = F.mse_loss(torch.randn(5, 7), torch.randn(5, 1))
""",
    "one target for all samples": """
loss = F.mse_loss(torch.randn(5, 7), torch.zeros(1, 7))
""",
    "a prior for every step": """
F.kl_div(torch.randn(1, 7).log_softmax(1), torch.randn(5, 7).softmax(1), reduction="batchmean")
""",
    "every reduction": """
for reduction in ("none", "mean", "sum"):
    F.smooth_l1_loss(torch.randn(5, 2), torch.randn(5, 2), reduction=reduction)
""",
}


@pytest.mark.parametrize("program", FIRES.values(), ids=FIRES.keys())
def test_it_fires(program: str, seen: Any) -> None:
    assert "loss-size-mismatch" in [finding.slug for finding in seen(program)]


@pytest.mark.parametrize("program", SILENT.values(), ids=SILENT.keys())
def test_it_is_silent_on_what_looks_alike(program: str, seen: Any) -> None:
    assert [str(finding) for finding in seen(program)] == []
