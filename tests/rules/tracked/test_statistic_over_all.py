"""statistic-over-all: where it fires, and what looks alike and is right."""

from __future__ import annotations

from typing import Any

import pytest

FIRES = {
    "one norm for all vectors": """
z = nn.Linear(3, 4)(torch.randn(5, 3))
z = z / z.norm()
""",
    "a centroid": """
points = torch.randn(60, 2)
centroids = points[torch.randperm(60)[:3]].clone()
members = points[points[:, 0] > 0]
centroids[1] = members.mean()
""",
}

SILENT = {
    "the norm of the only vector": """
z = nn.Linear(3, 4)(torch.randn(1, 3))
z = z / z.norm()
""",
    "a norm for each vector": """
z = nn.Linear(3, 4)(torch.randn(5, 3))
z = z / z.norm(dim=-1, keepdim=True)
w = torch.randn(4, 4)
w = w / w.norm()
""",
    "a centroid by columns": """
points = torch.randn(60, 2)
centroids = points[torch.randperm(60)[:3]].clone()
centroids[1] = points[points[:, 0] > 0].mean(dim=0)
""",
    "one number a row": """
images, means = torch.rand(5, 8, 8), torch.zeros(5)
means[0] = images[0].mean()
""",
    "imputation": """
x = torch.randn(6, 4)
x[2] = x.mean()
x[:, 1] = x[:, 1].mean()
""",
    "a part of each picture erased, a unit without its variation": """
images = torch.rand(5, 3, 8, 8)
noisy = images + torch.randn(5, 3, 8, 8)
noisy[0, :, 2:5, 3:6] = images.mean()
noisy[:, 1] = images.mean()
""",
    "a picture of one colour": """
images, flat = torch.rand(5, 8, 8), torch.zeros(5, 8, 8)
flat[0] = images[0].mean()
""",
}


@pytest.mark.parametrize("program", FIRES.values(), ids=FIRES.keys())
def test_it_fires(program: str, seen: Any) -> None:
    assert "statistic-over-all" in [finding.slug for finding in seen(program)]


@pytest.mark.parametrize("program", SILENT.values(), ids=SILENT.keys())
def test_it_is_silent_on_what_looks_alike(program: str, seen: Any) -> None:
    assert [str(finding) for finding in seen(program)] == []
