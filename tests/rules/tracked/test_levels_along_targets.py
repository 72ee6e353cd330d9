"""levels-along-targets: where it fires, and what looks alike and is right."""

from __future__ import annotations

from typing import Any

import pytest

_OPENING = """
levels = (torch.arange(6) + 0.5) / 6
net = nn.Linear(4, 6)
estimates, targets = net(torch.randn(5, 4)), torch.randn(5, 6)
"""

FIRES = {
    "targets last": """
errors = targets.unsqueeze(1) - estimates.unsqueeze(2)
loss = ((levels - (errors.detach() < 0).float()).abs() * errors.abs()).mean()
""",
    "signs first, targets in the middle": """
errors = targets[:, :, None] - estimates[:, None, :]
weights = ((errors < 0).to(torch.float32) - levels.view(1, -1, 1)).abs()
""",
    "compared at once, levels drawn for each sample": """
drawn = torch.rand(5, 6)
below = (targets.unsqueeze(1) < estimates.unsqueeze(2)).float()
weights = torch.abs(drawn.unsqueeze(1) - below)
""",
}

SILENT = {
    "levels along the estimates": """
errors = targets.unsqueeze(1) - estimates.unsqueeze(2)
loss = ((levels.view(1, -1, 1) - (errors.detach() < 0).float()).abs() * errors.abs()).mean()
""",
    "estimates last": """
errors = targets.unsqueeze(2) - estimates.unsqueeze(1)
weights = (levels - (errors.detach() < 0).float()).abs()
""",
    "levels drawn for each sample": """
errors = targets.unsqueeze(1) - estimates.unsqueeze(2)
weights = (torch.rand(5, 6).unsqueeze(-1) - (errors.detach() < 0).float()).abs()
""",
    "one target for all estimates": """
errors = torch.randn(5, 1) - estimates
weights = (levels - (errors.detach() < 0).float()).abs()
""",
    "targets weighed, ranks of pairs": """
errors = targets.unsqueeze(1) - estimates.unsqueeze(2)
worth = (errors.abs() * levels).mean() + (errors < 0).float().mul(levels).mean()
apart = estimates.unsqueeze(1) - estimates.unsqueeze(2)
order = (levels.unsqueeze(0) - (apart < 0).float()).abs()
""",
    "the estimates turned to the end": """
errors = (targets.unsqueeze(1) - estimates.unsqueeze(2)).transpose(1, 2)
weights = (levels - (errors.detach() < 0).float()).abs()
""",
}


@pytest.mark.parametrize("program", FIRES.values(), ids=FIRES.keys())
def test_it_fires(program: str, seen: Any) -> None:
    found = [(finding.slug, finding.severity.value) for finding in seen(_OPENING + program)]
    assert found == [("levels-along-targets", "warning")]


@pytest.mark.parametrize("program", SILENT.values(), ids=SILENT.keys())
def test_it_is_silent_on_what_looks_alike(program: str, seen: Any) -> None:
    assert [str(finding) for finding in seen(_OPENING + program)] == []
