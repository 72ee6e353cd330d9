"""shares-added-up: where it fires, and what looks alike and is right."""

from __future__ import annotations

from typing import Any

import pytest

SLUG = "shares-added-up"
DATA = """
torch.manual_seed(0)
net = nn.Conv2d(1, 3, 3, padding=1)
probs = F.softmax(net(torch.randn(4, 1, 8, 10)), dim=1)
onehot = F.one_hot(torch.randint(0, 3, (4, 8, 10)), 3).permute(0, 3, 1, 2).float()
"""

FIRES = {
    "dice over classes and height": """
inter = (probs * onehot).sum((1, 2))
dice = (2 * inter + 1) / (probs.sum((1, 2)) + onehot.sum((1, 2)) + 1)
""",
    "a mean over samples and classes": """
share = probs.mean(dim=(0, 1))
""",
    "attention over heads and keys": """
attn = torch.softmax(torch.randn(2, 4, 5, 6), dim=-1)
load = attn.sum(dim=(1, 3))
""",
}

SILENT = {
    "dice over the picture": """
dice = 2 * (probs * onehot).sum((2, 3)) / (probs.sum((2, 3)) + onehot.sum((2, 3)))
per_class = probs.sum((0, 2, 3))
""",
    "they add up to one, looked at": """
probs.sum(dim=1).mean(), probs.sum(1).allclose(torch.ones(4, 8, 10)), probs.sum(), probs.mean()
""",
    "without the background": """
foreground = probs[:, 1:].sum((1, 2))
""",
    "what each key gets": """
attn = torch.softmax(torch.randn(2, 4, 5, 6), dim=-1)
attn.sum(dim=(1, 2)), attn.mean(dim=(0, 1))
""",
    "logarithms": """
F.log_softmax(net(torch.randn(4, 1, 8, 10)), dim=1).sum((1, 2))
""",
}


@pytest.mark.parametrize("program", FIRES.values(), ids=FIRES.keys())
def test_it_fires(program: str, seen: Any) -> None:
    assert SLUG in [finding.slug for finding in seen(DATA + program)]


@pytest.mark.parametrize("program", SILENT.values(), ids=SILENT.keys())
def test_it_is_silent_on_what_looks_alike(program: str, seen: Any) -> None:
    assert [str(finding) for finding in seen(DATA + program)] == []
