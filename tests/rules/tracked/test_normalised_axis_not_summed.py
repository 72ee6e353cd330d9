"""normalised-axis-not-summed: where it fires, and what looks alike and is right."""

from __future__ import annotations

from typing import Any

import pytest

FIRES = {
    "batch, by matmul": """
batch, seq_len = 3, 5
w = F.softmax(torch.randn(batch, 1, seq_len), dim=0)
torch.bmm(w, torch.randn(batch, seq_len, 4))
""",
    "softmax by hand": """
batch, seq_len = 3, 5
e = torch.randn(batch, seq_len, 1).exp()
w = e / e.sum(0, keepdim=True)
(w * torch.randn(batch, seq_len, 4)).sum(1)
""",
    "queries instead of keys": """
batch, seq_len, dim = 2, 5, 4
q = torch.randn(batch, seq_len, dim)
(q @ q.transpose(1, 2)).softmax(1) @ q
""",
}

SILENT = {
    "attention": """
batch, seq_len, dim = 2, 5, 4
q = torch.randn(batch, seq_len, dim)
(q @ q.transpose(1, 2)).softmax(-1) @ q
""",
    "soft assignments": """
n, k = 8, 3
x = torch.randn(n, 4)
a = torch.softmax(torch.randn(n, k), dim=1)
centres = a.t() @ x
""",
    "mixture of experts": """
batch, experts, dim = 6, 3, 4
gates = torch.softmax(torch.randn(batch, experts), dim=1)
out = (gates.unsqueeze(-1) * torch.randn(batch, experts, dim)).sum(1)
importance = gates.sum(0)
""",
    "probabilities under a mask": """
batch, seq_len, n_classes = 3, 5, 4
p = torch.softmax(torch.randn(batch, seq_len, n_classes), -1)
mask = torch.ones(batch, seq_len, 1)
mean = (p * mask).sum(1) / mask.sum(1)
""",
}


@pytest.mark.parametrize("program", FIRES.values(), ids=FIRES.keys())
def test_it_fires(program: str, seen: Any) -> None:
    assert "normalised-axis-not-summed" in [finding.slug for finding in seen(program)]


@pytest.mark.parametrize("program", SILENT.values(), ids=SILENT.keys())
def test_it_is_silent_on_what_looks_alike(program: str, seen: Any) -> None:
    assert [str(finding) for finding in seen(program)] == []
