"""noise-shared: where it fires, and what looks alike and is right."""

from __future__ import annotations

from typing import Any

import pytest

SLUG = "noise-shared"
DATA = """
torch.manual_seed(0)
x = torch.randn(16, 6)
encoder = nn.Linear(6, 8)
mu, logvar = encoder(x).chunk(2, dim=1)
"""

FIRES = {
    "one vector": """
mu + torch.randn(mu.size(1)) * torch.exp(0.5 * logvar)
""",
    "one row, the other way round": """
std = (0.5 * logvar).exp()
torch.randn(1, 4) * std + mu
""",
    "like the first": """
eps = torch.randn_like(mu[0])
z = mu + eps * F.softplus(logvar)
""",
    "a head of its own": """
level, spread = nn.Linear(6, 3)(x), nn.Linear(6, 3)(x)
level + spread.exp() * torch.randn(3)
""",
}

SILENT = {
    "a draw for each": """
std = torch.exp(0.5 * logvar)
mu + torch.randn_like(mu) * std, mu + std * torch.randn(16, 4), torch.normal(mu, std)
""",
    "a noisy layer": """
weight, sigma = nn.Parameter(torch.randn(4, 6)), nn.Parameter(torch.full((4, 6), 0.1))
bias, spread = nn.Parameter(torch.randn(4)), nn.Parameter(torch.full((4,), 0.1))
F.linear(x, weight + sigma * torch.randn(4, 6), bias + spread * torch.randn(4))
mask = nn.Parameter(torch.ones(4, 6))
w = weight + mask * torch.randn(6)
""",
    "noise of the data": """
noisy = x + 0.1 * torch.randn(6)
scaled = x + x.std(0) * torch.randn(6)
encoder(noisy)
""",
    "one sample": """
mu, logvar = encoder(x[:1]).chunk(2, dim=1)
mu + torch.randn(4) * torch.exp(0.5 * logvar)
""",
    "at test, the same for all": """
with torch.no_grad():
    mu, logvar = encoder(x).chunk(2, dim=1)
    mu + torch.randn(4) * torch.exp(0.5 * logvar)
""",
}


@pytest.mark.parametrize("program", FIRES.values(), ids=FIRES.keys())
def test_it_fires(program: str, seen: Any) -> None:
    assert SLUG in [finding.slug for finding in seen(DATA + program)]


@pytest.mark.parametrize("program", SILENT.values(), ids=SILENT.keys())
def test_it_is_silent_on_what_looks_alike(program: str, seen: Any) -> None:
    assert [str(finding) for finding in seen(DATA + program)] == []
