"""last-step-of-wrong-axis: where it fires, and what looks alike and is right."""

from __future__ import annotations

from typing import Any

import pytest

FIRES = {
    "batch first": """
out, _ = nn.GRU(3, 4, batch_first=True)(torch.randn(6, 5, 3))
out[-1, :, :]
""",
    "time first": """
out, _ = nn.RNN(3, 4)(torch.randn(5, 6, 3))
out[:, -1]
""",
    "the first sample in forward": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.LSTM(1, 4, batch_first=True)
    def forward(self, x):
        r_out, _ = self.rnn(x)
        return r_out[0, :]
Net()(torch.randn(1, 5, 1))
""",
}

SILENT = {
    "one sample that was given a batch axis": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(3, 4, batch_first=True)
    def forward(self, x):
        return self.rnn(x[None])[0][0]
Net()(torch.randn(5, 3))
""",
    "batch first": """
out, _ = nn.GRU(3, 4, batch_first=True)(torch.randn(6, 5, 3))
out[:, -1]
""",
    "time first": """
out, _ = nn.RNN(3, 4)(torch.randn(5, 6, 3))
out[-1]
""",
    "a look at the first sample": """
out, _ = nn.GRU(3, 4, batch_first=True)(torch.randn(6, 5, 3))
print(out[0])
""",
    "the last state": """
_, h = nn.GRU(3, 4, batch_first=True)(torch.randn(6, 5, 3))
h[-1]
""",
}


@pytest.mark.parametrize("program", FIRES.values(), ids=FIRES.keys())
def test_it_fires(program: str, seen: Any) -> None:
    assert "last-step-of-wrong-axis" in [finding.slug for finding in seen(program)]


@pytest.mark.parametrize("program", SILENT.values(), ids=SILENT.keys())
def test_it_is_silent_on_what_looks_alike(program: str, seen: Any) -> None:
    assert [str(finding) for finding in seen(program)] == []
