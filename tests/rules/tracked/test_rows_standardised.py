"""rows-standardised: where it fires, and what looks alike and is right."""

from __future__ import annotations

from typing import Any

import pytest

DATA = """
torch.manual_seed(0)
n = 40
area, rooms = 50 + 100 * torch.rand(n), torch.randint(1, 7, (n,)).float()
year = 1900 + 99 * torch.rand(n)
X = torch.stack([area, rooms, year], dim=1)
"""

FIRES = {
    "over the quantities": DATA + "(X - X.mean(1, keepdim=True)) / X.std(1, keepdim=True)",
    "step by step": DATA
    + """
mean, std = X.mean(dim=-1, keepdim=True), X.std(dim=-1, keepdim=True)
X = X - mean
X = X / (std + 1e-8)
""",
    "columns side by side": DATA
    + """
X = torch.cat((area[:, None], rooms[:, None], year[:, None]), 1)
X = torch.column_stack((area, rooms, year)).double()
(X - X.mean(1)[:, None]) / X.std(1)[:, None]
""",
    "one of which is taken by its number": """
scales = torch.tensor([1.0, 10.0, 100.0, 0.1])
patients = torch.randn(40, 4) * scales + scales
risk = (patients[:, 2] > 100).float()
mean, std = patients.mean(dim=1, keepdim=True), patients.std(dim=1, keepdim=True)
x = (patients - mean) / std
""",
    "rows, then turned": DATA
    + """
X = torch.stack((area, rooms, year)).T
(X - X.mean(1, keepdim=True)) / X.std(1, keepdim=True)
""",
}

SILENT = {
    "over the samples": DATA
    + """
(X - X.mean(0)) / X.std(0)
Y = torch.stack((area, rooms, year))
(Y - Y.mean(1, keepdim=True)) / Y.std(1, keepdim=True)
(area - area.mean()) / area.std()
two = torch.stack([torch.rand(5), 100 * torch.rand(5)])
(two - two.mean(0)) / two.std(0)
X[:, 2], X.mean(1, keepdim=True), X - X.mean(1, keepdim=True)
""",
    "what a layer made of them": DATA
    + """
h = nn.Linear(3, 8)(X)
(h - h.mean(1, keepdim=True)) / h.std(1, keepdim=True)
F.layer_norm(X, (3,))
""",
    "windows of one series": """
series = 100 * torch.randn(50).cumsum(0)
X = torch.stack([series[0:40], series[1:41], series[2:42]], dim=1)
(X - X.mean(1, keepdim=True)) / X.std(1, keepdim=True)
X = torch.stack([series[i : i + 40] for i in range(5)], dim=1)
X[:, 4]
(X - X.mean(1, keepdim=True)) / X.std(1, keepdim=True)
""",
    "colours, coordinates, scores of several models": """
r, g, b = torch.rand(40), torch.rand(40), torch.rand(40)
X = torch.stack([r, g, b], dim=1)
(X - X.mean(1, keepdim=True)) / X.std(1, keepdim=True)
scores = torch.stack([torch.randn(40), 2 * torch.randn(40) + 1], dim=1)
(scores - scores.mean(1, keepdim=True)) / scores.std(1, keepdim=True)
""",
    "spectra, each by itself": """
spectra = torch.rand(40, 6) * torch.tensor([1.0, 10, 100, 1000, 100, 10])
levels = [spectra[:, k].mean() for k in range(6)]
(spectra - spectra.mean(1, keepdim=True)) / spectra.std(1, keepdim=True)
""",
    "measurements of one quantity that grows": """
t = torch.rand(40)
X = torch.stack([t, t * 10, t * 100], dim=1)
(X - X.mean(1, keepdim=True)) / X.std(1, keepdim=True)
""",
}


@pytest.mark.parametrize("program", FIRES.values(), ids=FIRES.keys())
def test_it_fires(program: str, seen: Any) -> None:
    (found,) = seen(program)
    assert (found.slug, found.remedy) == ("rows-standardised", "dim=0")


@pytest.mark.parametrize("program", SILENT.values(), ids=SILENT.keys())
def test_it_is_silent_on_what_looks_alike(program: str, seen: Any) -> None:
    assert [str(finding) for finding in seen(program)] == []
