"""pieces-exchanged: where it fires, and what looks alike and is right."""

from __future__ import annotations

from typing import Any

import pytest

SLUG = "pieces-exchanged"
DATA = """
torch.manual_seed(0)
states = torch.randn(40, 4)
batch = states[torch.randperm(40)[:16]]
energy = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
"""

FIRES = {
    "a Hamiltonian's gradient": """
batch = batch.detach().requires_grad_(True)
grad, = torch.autograd.grad(energy(batch).sum(), batch, create_graph=True)
dq, dp = torch.chunk(grad, 2)
torch.cat((dp, -dq))
""",
    "half of each vector turned": """
a, b = batch.chunk(2)
torch.cat([-b, a])
""",
    "split by a size": """
a, b = torch.split(batch, 8)
torch.cat((b, a), dim=0)
""",
}

SILENT = {
    "along the features": """
a, b = batch.chunk(2, dim=1)
torch.cat((b, -a), dim=1)
""",
    "in pieces for memory": """
torch.cat([energy(part) for part in batch.split(4)])
torch.cat(batch.chunk(2))
""",
    "two views of each sample": """
z = energy(torch.cat([batch, batch + 0.1]))
one, two = z.chunk(2)
torch.cat([two, one])
""",
    "real and generated": """
real, fake = energy(torch.cat([batch, torch.randn(16, 4)])).chunk(2)
real.mean() - fake.mean()
""",
    "rows of a grid that nobody shuffled": """
top, bottom = torch.randn(8, 6).chunk(2)
torch.cat([bottom, top])
""",
}


@pytest.mark.parametrize("program", FIRES.values(), ids=FIRES.keys())
def test_it_fires(program: str, seen: Any) -> None:
    assert SLUG in [finding.slug for finding in seen(DATA + program)]


@pytest.mark.parametrize("program", SILENT.values(), ids=SILENT.keys())
def test_it_is_silent_on_what_looks_alike(program: str, seen: Any) -> None:
    assert [str(finding) for finding in seen(DATA + program)] == []
