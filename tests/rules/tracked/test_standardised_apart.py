"""statistics-at-odds in programs without declarations: where it fires, and what looks alike."""

from __future__ import annotations

from typing import Any

import pytest

LAYER = """
x = nn.Conv2d(1, 6, 3)(torch.rand(8, 1, 12, 12))
gain, bias = nn.Parameter(torch.ones(1, 6, 1, 1)), nn.Parameter(torch.zeros(1, 6, 1, 1))
over = (0, 2, 3)
"""

FIRES = {
    "a mean for each pixel in a layer": LAYER
    + """
mean = x.mean(dim=0, keepdim=True)
var = ((x - mean) ** 2).mean(dim=over, keepdim=True)
gain * ((x - mean) / torch.sqrt(var + 1e-5)) + bias
""",
    "a deviation for each pixel in a layer": LAYER
    + """
mean = x.mean(over, keepdim=True)
((x - mean) / (x.std(0, keepdim=True) + 1e-5)) * gain + bias
""",
    "one over channels, one over samples, by a reciprocal": LAYER
    + """
mean, var = x.mean(1, keepdim=True), x.var((0, 2, 3), keepdim=True)
normed = (x - mean) * torch.rsqrt(var + 1e-5)
""",
    "columns and rows": """
x = torch.rand(8, 5)
z = (x - x.mean(0, keepdim=True)) / x.std(1, keepdim=True)
""",
    "a softmax by hand": """
scores = torch.randn(4, 6)
e = torch.exp(scores - scores.max(dim=0, keepdim=True).values)
p = e / e.sum(dim=1, keepdim=True)
""",
}

FIRES |= {
    "a covariance over the samples, centred over the features": """
def moments(x):
    xm = torch.mean(x, 1, keepdim=True) - x
    return xm.t() @ xm / (x.size(0) - 1)
moments(torch.randn(16, 6))
""",
    "a covariance by its name, in another spelling": """
x = nn.Linear(6, 6)(torch.randn(6, 6))
c = x - x.mean(dim=0)
cov = torch.mm(c, c.T) * (1 / 6)
""",
}

SILENT = {
    "covariances and what is like them": """
def covariance(x):
    xm = x - x.mean(0, keepdim=True)
    return xm.t() @ xm / (x.size(0) - 1)
x = torch.randn(16, 6)
covariance(x), covariance(x.t())
r = x - x.mean(1, keepdim=True)
r @ r.t() / 5
rows = r / r.norm(dim=1, keepdim=True)
rows @ rows.t(), rows.t() @ rows / 15
""",
    "ratings less the mean of each user, and the likeness of items": """
ratings = torch.rand(16, 6)
c = ratings - ratings.mean(1, keepdim=True)
likeness = c.t() @ c
likeness / likeness.diagonal().sqrt()[:, None] / likeness.diagonal().sqrt()[None]
""",
    "a kernel centred both ways": """
k = torch.randn(6, 6) @ torch.randn(6, 6)
kc = k - k.mean(0, keepdim=True) - k.mean(1, keepdim=True) + k.mean()
(kc @ kc.t()) / 5, (k - k.mean()) @ (k - k.mean()).t() / 5
""",
    "samples normalised one by one, then their covariance": """
x = torch.randn(16, 6)
z = (x - x.mean(1, keepdim=True)) / x.std(1, keepdim=True)
z.t() @ z / 15
z = F.layer_norm(x, (6,))
z.t() @ z / 15
""",
    "centred both ways, one after the other": """
x = torch.randn(16, 6)
c = x - x.mean(1, keepdim=True)
c = c - c.mean(0, keepdim=True)
c.t() @ c / 15
""",
    "one set of axes": LAYER
    + """
mean = x.mean(dim=over, keepdim=True)
var = ((x - mean) ** 2).mean(dim=over, keepdim=True)
gain * ((x - mean) / torch.sqrt(var + 1e-5)) + bias
var, mean = torch.var_mean(x, (2, 3), keepdim=True)
gain * (x - mean) * torch.rsqrt(var + 1e-5)
g = x.view(8, 2, 3, 10, 10)
g = (g - g.mean((2, 3, 4), keepdim=True)) / g.std((2, 3, 4), keepdim=True)
g.view(8, 6, 10, 10) * gain + bias
""",
    "a mean image, scaled as a whole": LAYER
    + """
pixels = torch.rand(8, 3, 12, 12)
flat = (pixels - pixels.mean(0)) / pixels.std()
flat = pixels - pixels.mean(0, keepdim=True)
flat / flat.std(over, keepdim=True), flat * gain[:, :3]
""",
    "of one size": """
x, gain = torch.randn(1, 6, 5), nn.Parameter(torch.ones(5))
(x - x.mean((0, 1), keepdim=True)) / x.std(1, keepdim=True) * gain
""",
    "of the root of the square": LAYER + "x / x.pow(2).mean(1, keepdim=True).sqrt() * gain",
    "twice": """
x = torch.rand(8, 5)
once = (x - x.mean(0)) / x.std(0)
(once - once.mean(1, keepdim=True)) / once.std(1, keepdim=True)
""",
    "softmax by hand": """
scores, weight = torch.randn(4, 6), nn.Parameter(torch.ones(6))
e = torch.exp(scores - scores.max(dim=1, keepdim=True).values)
e / e.sum(dim=1, keepdim=True)
e = torch.exp(scores - scores.max())
e / e.sum(dim=1, keepdim=True) * weight, e / e.sum()
e = torch.exp(scores - scores.amax((0, 1), keepdim=True))
e / e.sum(dim=0, keepdim=True)
""",
    "differences from the mean, weighed by another": """
x = torch.rand(8, 5)
centred = x - x.mean(1, keepdim=True)
centred / torch.rand(8, 5).std(0), centred * x.mean(0), (centred ** 2).sum(0)
""",
}


@pytest.mark.parametrize("program", FIRES.values(), ids=FIRES.keys())
def test_it_fires(program: str, seen: Any) -> None:
    assert [finding.slug for finding in seen(program)] == ["statistics-at-odds"]


@pytest.mark.parametrize("program", SILENT.values(), ids=SILENT.keys())
def test_it_is_silent_on_what_looks_alike(program: str, seen: Any) -> None:
    assert [str(finding) for finding in seen(program)] == []
