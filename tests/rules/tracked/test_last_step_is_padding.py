"""last-step-is-padding: where it fires, and what looks alike and is right."""

from __future__ import annotations

from typing import Any

import pytest

FIRES = {
    "the last of batch first": """
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence
x = pack_padded_sequence(torch.randn(3, 5, 4), torch.tensor([5, 3, 2]), batch_first=True)
out, _ = pad_packed_sequence(nn.GRU(4, 6, batch_first=True)(x)[0], batch_first=True)
nn.Linear(6, 2)(torch.tanh(out)[:, -1])
""",
    "the last of time first": """
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence
x = pack_padded_sequence(torch.randn(5, 3, 4), torch.tensor([5, 3, 2]))
out, _ = pad_packed_sequence(nn.GRU(4, 6)(x)[0])
out[-1]
""",
}

SILENT = {
    "one length": """
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence
x = pack_padded_sequence(torch.randn(3, 5, 4), torch.tensor([5, 5, 5]), batch_first=True)
out, _ = pad_packed_sequence(nn.GRU(4, 6, batch_first=True)(x)[0], batch_first=True)
out[:, -1]
""",
    "the first step, the mean, each one's last": """
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence
lengths = torch.tensor([5, 3, 2])
x = pack_padded_sequence(torch.randn(3, 5, 4), lengths, batch_first=True)
out, _ = pad_packed_sequence(nn.GRU(4, 6, batch_first=True)(x)[0], batch_first=True)
out[:, 0], out.mean(1), out[torch.arange(3), lengths - 1]
""",
    "the longest one, what is padding, sums, steps in reverse": """
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence
x = pack_padded_sequence(torch.randn(3, 5, 4), torch.tensor([5, 3, 2]), batch_first=True)
out, h = nn.GRU(4, 6, batch_first=True)(x)
out, _ = pad_packed_sequence(out, batch_first=True)
torch.allclose(out[0, -1], h[-1, 0]), torch.allclose(out[0][-1], h[-1][0]), out[2, -1].sum() == 0
out.cumsum(1)[:, -1], out.flip(1)[:, -1]
""",
    "padded and never packed": """
out, _ = nn.GRU(4, 6, batch_first=True)(torch.randn(3, 5, 4))
out[:, -1]
""",
}


@pytest.mark.parametrize("program", FIRES.values(), ids=FIRES.keys())
def test_it_fires(program: str, seen: Any) -> None:
    assert "last-step-is-padding" in [finding.slug for finding in seen(program)]


@pytest.mark.parametrize("program", SILENT.values(), ids=SILENT.keys())
def test_it_is_silent_on_what_looks_alike(program: str, seen: Any) -> None:
    assert [str(finding) for finding in seen(program)] == []
