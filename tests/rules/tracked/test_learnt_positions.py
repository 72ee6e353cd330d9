"""role-conflict: a table of positions, or a draw at random, says which axis is which."""

from __future__ import annotations

from typing import Any

import pytest

SLUG = "role-conflict"
DATA = """
torch.manual_seed(0)
x = torch.randn(30, 12, 6)
pos = nn.Parameter(0.02 * torch.randn(1, 12, 8))
embed = nn.Linear(6, 8)
def layer(**options):
    return nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0, **options)
"""

FIRES = {
    "positions along axis 1, read along axis 0": """
layer()(embed(x) + pos)
""",
    "positions cut to the length": """
table = nn.Parameter(torch.randn(40, 8))
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.position_embedding, self.layer = table, layer()
    def forward(self, x):
        return self.layer(embed(x) + self.position_embedding[: x.size(1)])
Net()(x)
""",
    "samples taken at random, read as time": """
rnn = nn.LSTM(6, 8)
rows = torch.randperm(30)
rnn(x[rows[:10]])
""",
}

SILENT = {
    "batch first": """
layer(batch_first=True)(embed(x) + pos)
rnn = nn.LSTM(6, 8, batch_first=True)
rnn(x[torch.randperm(30)[:10]])
""",
    "positions in front": """
pos = nn.Parameter(torch.randn(30, 1, 8))
layer()(embed(x) + pos)
""",
    "turned for the layer": """
layer()((embed(x) + pos).transpose(0, 1)).transpose(0, 1)
nn.LSTM(6, 8)(x[torch.randint(0, 30, (10,))].permute(1, 0, 2))
""",
    "another table of as many rows": """
bias = nn.Parameter(torch.randn(1, 12, 8))
layer()(embed(x) + bias)
""",
    "nodes of a graph, some of them for training": """
h, adjacency = torch.randn(9, 6), torch.rand(9, 9)
rows = torch.randperm(9)[:5]
net = nn.Linear(6, 3)
F.cross_entropy((adjacency @ net(h))[rows], torch.randint(0, 3, (9,))[rows])
""",
    "patches hidden at random": """
kept = torch.randperm(12)[:5]
layer(batch_first=True)((embed(x) + pos)[:, kept])
""",
}


@pytest.mark.parametrize("program", FIRES.values(), ids=FIRES.keys())
def test_it_fires(program: str, seen: Any) -> None:
    assert SLUG in [finding.slug for finding in seen(DATA + program)]


@pytest.mark.parametrize("program", SILENT.values(), ids=SILENT.keys())
def test_it_is_silent_on_what_looks_alike(program: str, seen: Any) -> None:
    assert [str(finding) for finding in seen(DATA + program)] == []
