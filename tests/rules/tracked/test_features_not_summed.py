"""features-not-summed: where it fires, and what looks alike and is right."""

from __future__ import annotations

from typing import Any

import pytest

SLUG = "features-not-summed"
DATA = """
torch.manual_seed(0)
users, items = nn.Embedding(20, 8), nn.Embedding(30, 8)
u, i, j = (torch.randint(0, 20, (16,)) for _ in range(3))
encoder = nn.Sequential(nn.Linear(6, 12), nn.ReLU(), nn.Linear(12, 12))
one, two, three = torch.randn(16, 6), torch.randn(16, 6), torch.randn(16, 6)
a, p, n = encoder(one), encoder(two), encoder(three)
points, centres = torch.randn(50, 4), torch.randn(5, 4)
"""

FIRES = {
    "ranking by products": """
F.logsigmoid((users(u) * items(i)).sum(0) - (users(u) * items(j)).sum(0)).mean()
""",
    "one product as a probability": """
torch.sigmoid((users(u) * items(i)).sum(dim=0))
""",
    "a margin between distances": """
near, far = (a - p).pow(2).sum(0), (a - n).pow(2).sum(0)
torch.relu(near - far + 0.2).mean()
""",
    "a margin between norms": """
((a - p).norm(dim=0) - (a - n).norm(dim=0) + 1.0).clamp(min=0).mean()
""",
    "the nearest centre": """
((points[:, None] - centres[None]) ** 2).sum(1).argmin(1)
""",
    "the nearest centre, laid out the other way": """
(points.unsqueeze(0) - centres.unsqueeze(1)).square().sum(0).argmin(dim=1)
""",
    "a kernel": """
torch.exp(-((points[:, None] - centres[None]) ** 2).sum(0) / 2)
""",
}

SILENT = {
    "over the entries": """
F.logsigmoid((users(u) * items(i)).sum(-1) - (users(u) * items(j)).sum(1)).mean()
torch.relu((a - p).pow(2).sum(1) - (a - n).pow(2).sum(1) + 0.2).mean()
((points[:, None] - centres[None]) ** 2).sum(2).argmin(1)
torch.exp(-(points[:, None] - centres[None]).norm(dim=-1))
""",
    "a sum that stays one": """
((a - p) ** 2).sum(0).mean() - ((a - n) ** 2).sum(0).mean()
(users(u) * items(i)).sum(0).sum()
""",
    "the error of each feature": """
((a - p) ** 2).mean(0).sqrt(), (a - p).abs().mean(0).max()
torch.relu(((a - p) ** 2).mean(0) - 1)
""",
    "gates that are added up over the nodes": """
gate, value = nn.Linear(6, 8), nn.Linear(6, 8)
nodes = torch.randn(16, 6)
torch.relu((torch.sigmoid(gate(nodes)) * value(nodes)).sum(0))
""",
    "a factorisation machine": """
fields = nn.Embedding(40, 8)(torch.randint(0, 40, (16, 5)))
pairs = fields.sum(1) ** 2 - (fields * fields).sum(1)
torch.sigmoid((0.5 * pairs).sum(1))
""",
    "each dimension of a spread": """
((points[:, None] - centres[None]) ** 2).sum(1).mean(0).sqrt()
""",
    "forces of all on each": """
away = points[:, None] - points[None]
(away / (away.norm(dim=-1, keepdim=True) ** 3 + 1)).sum(1).norm(dim=1).max()
""",
}


@pytest.mark.parametrize("program", FIRES.values(), ids=FIRES.keys())
def test_it_fires(program: str, seen: Any) -> None:
    assert SLUG in [finding.slug for finding in seen(DATA + program)]


@pytest.mark.parametrize("program", SILENT.values(), ids=SILENT.keys())
def test_it_is_silent_on_what_looks_alike(program: str, seen: Any) -> None:
    assert [str(finding) for finding in seen(DATA + program)] == []
