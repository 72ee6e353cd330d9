"""paired-with-itself: where it fires, and what looks alike and is right."""

from __future__ import annotations

from typing import Any

import pytest

OBJECTS = """
b, n, d = 4, 6, 3
x = torch.randn(b, n, d)
"""

FIRES = {
    "both as a whole": """
left = x.repeat(1, n, 1)
right = x.repeat(1, n, 1)
torch.cat([left, right], dim=2)
""",
    "both entry by entry": """
left = x.repeat_interleave(n, dim=1)
right = torch.repeat_interleave(x, n, dim=1)
torch.cat([left, right], dim=-1).view(b * n * n, 2 * d)
""",
    "both along the same new axis": """
left = x.unsqueeze(1).expand(b, n, n, d)
right = x[:, None].repeat(1, n, 1, 1)
torch.cat((left, right), dim=-1)
""",
    "rows of one scene, flattened": """
scene = x[0]
left = scene.unsqueeze(1).expand(-1, n, -1)
right = scene.unsqueeze(1).expand(-1, n, -1)
torch.cat((left.reshape(-1, d), right.reshape(-1, d)), 1)
""",
}

FIRES["labels and themselves, turned"] = """
labels = torch.tensor([0, 1, 2, 0])
mask = torch.eq(labels, labels.t()).float()
"""
FIRES["a difference of one axis with itself, turned"] = """
points = torch.linspace(0, 1, 5) ** 2
gaps = points - points.T
"""

SILENT = {
    "a table and itself, turned": """
table = torch.rand(4, 4)
same, odd = table == table.t(), table - table.T
""",
    "a column and its row": """
labels = torch.tensor([0, 1, 2, 0])
column = labels.view(-1, 1)
mask = column == column.t()
""",
    "what is not a number": """
values = torch.tensor([0.0, float("nan")])
bad = values != values
""",
    "labels of two views": """
labels, others = torch.tensor([0, 1, 2]), torch.tensor([1, 1, 2])
mask = labels == others.t()
""",
    "one entry by entry, one as a whole": """
left = x.repeat_interleave(n, dim=1)
right = x.repeat(1, n, 1)
torch.cat([left, right], dim=2)
""",
    "two new axes": """
left = x.unsqueeze(1).expand(b, n, n, d)
right = x.unsqueeze(2).expand(b, n, n, d)
torch.cat((left, right), dim=-1), torch.cat((x[:, :, None].repeat(1, 1, n, 1), left), dim=-1)
""",
    "two tensors of the same objects on one side": """
places = torch.randn(b, n, 2)
left = torch.cat([x.repeat(1, n, 1), places.repeat(1, n, 1)], dim=-1)
right = torch.cat([x.repeat_interleave(n, 1), places.repeat_interleave(n, 1)], dim=-1)
torch.cat([left, right], dim=-1)
""",
    "one after the other": """
once = x.repeat(1, n, 1)
again = x.repeat(1, n, 1)
torch.cat([once, again], dim=1), torch.cat([once, again], dim=0)
""",
    "a context for every step": """
state, steps = torch.randn(b, d), torch.randn(b, n, d)
torch.cat([state.unsqueeze(1).expand(-1, n, -1), steps], dim=-1)
torch.cat([state.unsqueeze(1).repeat(1, n, 1), state.unsqueeze(1).repeat(1, n, 1)], dim=-1)
""",
    "one tensor twice": """
wide = x.repeat(1, n, 1)
torch.cat([wide, wide], dim=-1)
""",
    "samples several times": """
torch.cat([x.repeat(3, 1, 1), x.repeat(3, 1, 1)], dim=-1)
torch.cat([x.repeat(1, 1, 3), x.repeat(1, 1, 3)], dim=-1)
""",
}


@pytest.mark.parametrize("program", FIRES.values(), ids=FIRES.keys())
def test_it_fires(program: str, seen: Any) -> None:
    assert "paired-with-itself" in [finding.slug for finding in seen(OBJECTS + program)]


@pytest.mark.parametrize("program", SILENT.values(), ids=SILENT.keys())
def test_it_is_silent_on_what_looks_alike(program: str, seen: Any) -> None:
    assert [str(finding) for finding in seen(OBJECTS + program)] == []
