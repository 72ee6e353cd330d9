"""role-conflict: what a recurrent layer put out batch first, read as (batch, channel, time)."""

from __future__ import annotations

from typing import Any

import pytest

OUTPUTS = """
torch.manual_seed(0)
hidden, seq_len = 8, 8
out, _ = nn.LSTM(3, hidden, batch_first=True)(torch.randn(4, 8, 3))
"""

FIRES = {
    "batch norm": "nn.BatchNorm1d(hidden)(out)",
    "windows": "nn.Conv1d(hidden, 5, 3)(out)",
    "a GRU": """
states, _ = nn.GRU(8, 8, batch_first=True)(out)
nn.BatchNorm1d(8)(states)
""",
}

SILENT = {
    "turned": "nn.BatchNorm1d(hidden)(out.transpose(1, 2)), nn.Conv1d(hidden, 5, 3)(out.mT)",
    "made for the steps": "nn.BatchNorm1d(seq_len)(out), nn.Conv1d(seq_len, 5, 3)(out)",
    "mixing steps": "nn.Conv1d(8, 5, 1)(out)",
    "the last step": "nn.BatchNorm1d(hidden)(out[:, -1])",
    "other sizes": "nn.BatchNorm1d(6)(out[:, :6])",
    "time first": """
out, _ = nn.LSTM(3, 8)(torch.randn(9, 8, 3))
nn.BatchNorm1d(8)(out)
""",
}


@pytest.mark.parametrize("program", FIRES.values(), ids=FIRES.keys())
def test_it_fires(program: str, seen: Any) -> None:
    assert "role-conflict" in [finding.slug for finding in seen(OUTPUTS + program)]


@pytest.mark.parametrize("program", SILENT.values(), ids=SILENT.keys())
def test_it_is_silent_on_what_looks_alike(program: str, seen: Any) -> None:
    assert [str(finding) for finding in seen(OUTPUTS + program)] == []
