"""role-conflict where no name tells: one axis of a tensor meets another one, far from it."""

from __future__ import annotations

from typing import Any

import pytest

NOISE = """
alphas = torch.linspace(0.1, 0.9, 1000)
x0 = torch.rand(8, 3, 8, 8)
"""

FIRES = {
    "a step of noise for each sample": NOISE
    + """
t = torch.randint(0, 1000, (x0.size(0),))
alphas[t] * x0
""",
    "of a table, called by a name": NOISE
    + """
b = x0.shape[0]
t = torch.randint(0, 1000, (b,))
x0 - alphas.gather(0, t)
""",
    "a weight for each sample": """
x = torch.rand(6, 4, 6)
w = torch.rand(len(x))
x * w
""",
    "steps that a function was given": """
class Schedule:
    def __init__(self, T=1000):
        self.bars = torch.linspace(0.1, 0.9, T)
    def noised(self, x, t):
        return self.bars[t].sqrt() * x
x = torch.rand(8, 3, 8, 8)
Schedule().noised(x, torch.randint(0, 1000, (x.shape[0],)))
""",
    "a norm for each sample": """
g = torch.rand(8, 3, 8, 8)
g / g.flatten(1).norm(dim=1)
""",
    "a mean of each sample": """
images = torch.rand(8, 3, 8, 8)
images - images.mean((1, 2, 3))
""",
}

SILENT = {
    "a step of noise, given its axes": NOISE
    + """
t = torch.randint(0, 1000, (x0.size(0),))
alphas[t][:, None, None, None] * x0
alphas[t].view(-1, 1, 1, 1) * x0
(alphas[t] * x0.flatten(1).mean(1)).mean()
""",
    "matrices of one size": """
x = torch.rand(6, 6)
n = x.size(0)
x * torch.eye(n), x + torch.rand(n, n), x * torch.arange(n), x - torch.rand(n)[:, None]
""",
    "steps of a sequence": """
x = torch.rand(6, 6)
x + torch.arange(x.size(1)), x.masked_fill(torch.ones(x.size(1)).bool(), 0)
tri = torch.ones(x.size(1), x.size(1)).tril()
scores = torch.rand(6, 4, 6, 6)
n = scores.size(-2)
scores + torch.ones(n, n).tril(), scores + torch.arange(scores.size(2))
""",
    "an adjacency of a batch of graphs": """
adj = torch.rand(2, 6, 6)
n = adj.size(1)
adj * torch.ones(n), adj + torch.eye(n), adj * torch.rand(2, n)[:, None]
""",
    "a diagonal along rows and columns": """
x, layer = torch.rand(6, 4), nn.Linear(4, 4)
for k in (x @ x.T, layer(x) @ layer(x).T, torch.rand(6, 6), x @ torch.rand(6, 4).T):
    d = k.diag()
    d.unsqueeze(0) - 2 * k + d.unsqueeze(1), d[:, None] - 2 * k + d, k / d / d[:, None]
k = torch.einsum("id,jd->ij", x, x)
k.diagonal()[:, None] - 2 * k + k.diagonal()
""",
    "coordinates of a square picture": """
x = torch.rand(2, 3, 8, 8)
steps = torch.linspace(-1, 1, x.size(2))
x * steps, x * steps[:, None]
voxels = torch.rand(8, 8, 8)
voxels * torch.arange(voxels.size(0))
""",
    "a matrix of products": """
points = torch.rand(6, 3)
gram = points @ points.t()
d = gram.diag()
d + d[:, None] - 2 * gram, gram * torch.rand(points.size(0)), gram / gram.size(0)
cov = torch.cov(torch.rand(6, 9))
s = cov.diag().sqrt()
cov / s / s[:, None]
""",
    "differences of all pairs": """
points = torch.rand(6, 3)
w = torch.rand(points.size(0))
diff = points[:, :, None] - points.t()[None]
diff * w, diff * w[:, None, None]
torch.outer(w, w) * w
""",
    "attention of a sequence to itself, batch in the middle": """
x = torch.rand(6, 4, 3)
scores = torch.einsum("tbd,sbd->tbs", x, x)
scores + torch.arange(x.size(0))
""",
    "a permutation": """
x, y = torch.rand(6, 4, 6), torch.rand(6)
order = torch.randperm(x.size(0))
x[order] * y[order][:, None, None], y[torch.randperm(y.size(0))] * x[:, 0, 0]
x * torch.rand(x.size(2)), x * torch.rand(6)
""",
    "integrals over one set of orbitals": """
eri = torch.rand(4, 4, 4, 4)
eri * torch.arange(eri.size(0))
""",
}


@pytest.mark.parametrize("program", FIRES.values(), ids=FIRES.keys())
def test_it_fires(program: str, seen: Any) -> None:
    (found,) = seen(program)
    assert (found.slug, found.severity.value) == ("role-conflict", "warning")


@pytest.mark.parametrize("program", SILENT.values(), ids=SILENT.keys())
def test_it_is_silent_on_what_looks_alike(program: str, seen: Any) -> None:
    assert [str(finding) for finding in seen(program)] == []
