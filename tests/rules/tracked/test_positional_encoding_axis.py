"""positional-encoding-axis: where it fires, and what looks alike and is right."""

from __future__ import annotations

from typing import Any

import pytest

FIRES = {
    "time first table, batch first data": """
batch_size, seq_len, d_model, max_len = 3, 4, 6, 20
class Positions(nn.Module):
    def __init__(self, d_model, max_len):
        super().__init__()
        self.register_buffer("pe", torch.zeros(max_len, d_model).unsqueeze(1))
    def forward(self, x):
        return x + self.pe[: x.size(0)]
Positions(d_model, max_len)(torch.zeros(batch_size, seq_len, d_model))
""",
}

SILENT = {
    "time first data": """
batch_size, seq_len, d_model, max_len = 3, 4, 6, 20
pe = torch.zeros(max_len, 1, d_model)
x = torch.zeros(seq_len, batch_size, d_model) + pe[:seq_len]
""",
    "a learned table": """
batch_size, block_size, dim = 3, 4, 6
wpe = nn.Embedding(block_size, dim)
x = torch.zeros(batch_size, block_size, dim) + wpe(torch.arange(block_size))
""",
}


@pytest.mark.parametrize("program", FIRES.values(), ids=FIRES.keys())
def test_it_fires(program: str, seen: Any) -> None:
    assert "positional-encoding-axis" in [finding.slug for finding in seen(program)]


@pytest.mark.parametrize("program", SILENT.values(), ids=SILENT.keys())
def test_it_is_silent_on_what_looks_alike(program: str, seen: Any) -> None:
    assert [str(finding) for finding in seen(program)] == []
