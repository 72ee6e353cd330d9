"""flat-index-size: where it fires, and what looks alike and is right."""

from __future__ import annotations

from typing import Any

import pytest

FIRES = {
    "rows by height": """
hm = torch.randn(8, 12, 18)
flat = hm.view(8, -1).argmax(1)
flat // hm.size(1)
""",
    "beams by how many there are": """
B, beams, vocab_size = 3, 4, 11
best, index = nn.Linear(6, vocab_size)(torch.randn(B, beams, 6)).view(B, -1).topk(beams)
index // beams
""",
    "a square, by name": """
B, H, W = 3, 8, 8
index = torch.randn(B, H, W).flatten(1).argmax(1)
index % H
""",
}

SILENT = {
    "rows by width": """
hm = torch.randn(8, 12, 18)
flat = hm.view(8, -1).argmax(1)
flat // hm.size(2), flat % 18, torch.div(flat, 18, rounding_mode="floor")
""",
    "beams by the vocabulary": """
B, beams, vocab_size = 3, 4, 11
best, index = nn.Linear(6, vocab_size)(torch.randn(B, beams, 6)).view(B, -1).topk(beams)
index // vocab_size, index % vocab_size
""",
    "three axes": """
D, H, W = 4, 5, 6
index = torch.randn(D, H, W).argmax()
index // (H * W), index % (H * W) // W, index // W % H, index % W
""",
    "a square, by number": """
index = torch.randn(3, 8, 8).flatten(1).argmax(1)
index // 8, index % 8
""",
    "classes": """
index = torch.randn(3, 12).argmax(1)
index // 3, index % 2
""",
}


@pytest.mark.parametrize("program", FIRES.values(), ids=FIRES.keys())
def test_it_fires(program: str, seen: Any) -> None:
    assert "flat-index-size" in [finding.slug for finding in seen(program)]


@pytest.mark.parametrize("program", SILENT.values(), ids=SILENT.keys())
def test_it_is_silent_on_what_looks_alike(program: str, seen: Any) -> None:
    assert [str(finding) for finding in seen(program)] == []
