"""loss-terms-apart: where it fires, and what looks alike and is right."""

from __future__ import annotations

from typing import Any

import pytest

FIRES = {
    "a divergence over the batch": """
x = torch.rand(24, 64)
mu = nn.Linear(64, 8)(x)
rec = F.mse_loss(nn.Linear(8, 64)(mu), x, reduction="none").sum(1)
loss = rec.mean() + 0.5 * (mu**2).sum(dim=0).mean()
""",
    "beside a loss that is a mean": """
x = torch.rand(24, 64)
mu = nn.Linear(64, 8)(x)
loss = F.mse_loss(nn.Linear(8, 64)(mu), x) + torch.mean(-0.5 * torch.sum(mu**2, dim=0))
""",
}

SILENT = {
    "a load for each unit, of which the spread is taken as well": """
x = torch.rand(8, 10)
h = nn.Linear(10, 6)(x).sigmoid()
usage = h.sum(0)
loss = F.mse_loss(nn.Linear(6, 10)(h), x) + usage.mean() * 1e-3
loss = loss + usage.var() / usage.mean() ** 2
""",
    "a load that is to be even": """
x = torch.rand(24, 20)
gates = nn.Linear(20, 4)(x).softmax(1)
loss = F.mse_loss(nn.Linear(20, 20)(x), x)
loss = loss + (gates.sum(0) * 4 / 24).pow(2).mean() + ((gates.sum(0) - 6.0) ** 2).mean()
loss = F.mse_loss(nn.Linear(20, 20)(x), x) + (gates.sum(0) / 24).mean()
""",
    "a divergence over the features": """
x = torch.rand(24, 64)
mu = nn.Linear(64, 8)(x)
rec = F.mse_loss(nn.Linear(8, 64)(mu), x, reduction="none").sum(1)
loss = rec.mean() + 0.5 * (mu**2).sum(dim=1).mean()
""",
    "sums beside means": """
x = torch.rand(24, 64)
mu = nn.Linear(64, 8)(x)
loss = F.mse_loss(nn.Linear(8, 64)(mu), x) + (mu**2).sum() + (mu**2).mean(0).sum()
""",
    "both summed over the batch": """
x = torch.rand(24, 64)
mu = nn.Linear(64, 8)(x)
loss = (x**2).sum(0).mean() + (mu**2).sum(0).mean()
""",
}


@pytest.mark.parametrize("program", FIRES.values(), ids=FIRES.keys())
def test_it_fires(program: str, seen: Any) -> None:
    assert "loss-terms-apart" in [finding.slug for finding in seen(program)]


@pytest.mark.parametrize("program", SILENT.values(), ids=SILENT.keys())
def test_it_is_silent_on_what_looks_alike(program: str, seen: Any) -> None:
    assert [str(finding) for finding in seen(program)] == []
