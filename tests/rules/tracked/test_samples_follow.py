"""What follows the order of samples: read as a batch by a layer, or taken at random."""

from __future__ import annotations

from typing import Any

import pytest

SLUG = "order-along-batch"
DATA = """
torch.manual_seed(0)
x, y = torch.randn(60, 5), torch.rand(60)
series = torch.randn(12, 9, 5)
net, gru = nn.Linear(5, 7), nn.GRU(5, 7, batch_first=True)
for rows in torch.randperm(40).split(10):
    net(x[rows])
"""

FIRES = {
    "survival over the intervals": """
hazard = torch.sigmoid(net(x[40:]))
torch.cumprod(1 - hazard, dim=0)
""",
    "wealth over the days": """
out, _ = gru(series)
torch.cumprod(1 + out.sum(-1), dim=0)
""",
    "differences": """
out, _ = gru(series)
torch.diff(out, dim=0)
""",
}

SILENT = {
    "along the intervals and the days": """
torch.cumprod(1 - torch.sigmoid(net(x[40:])), dim=1)
out, _ = gru(series)
torch.cumprod(1 + out.sum(-1), dim=1), out.cumsum(1), out.diff(dim=1)
""",
    "those at risk, put in an order": """
order = y.argsort(descending=True)
net(x[order]).logcumsumexp(dim=0)
""",
    "places in a queue": """
chosen = F.one_hot(net(x).argmax(1), 7)
chosen.cumsum(0), chosen.float().cumsum(0)
""",
    "one number a sample": """
y.cumsum(0), net(x)[:, 0].cumsum(0)
""",
    "time first": """
rnn = nn.GRU(5, 7)
out, _ = rnn(series.transpose(0, 1))
out.cumsum(0)
""",
    "a walk through time": """
steps = torch.randn(50, 2)
(steps @ torch.randn(2, 2)).cumsum(0)
""",
}


@pytest.mark.parametrize("program", FIRES.values(), ids=FIRES.keys())
def test_it_fires(program: str, seen: Any) -> None:
    assert SLUG in [finding.slug for finding in seen(DATA + program)]


@pytest.mark.parametrize("program", SILENT.values(), ids=SILENT.keys())
def test_it_is_silent_on_what_looks_alike(program: str, seen: Any) -> None:
    assert [str(finding) for finding in seen(DATA + program)] == []
