"""steps-normalised-together: where it fires, and what looks alike and is right."""

from __future__ import annotations

from typing import Any

import pytest

MODEL = """
dim, heads = 8, 2
embed, attend = nn.Linear(3, dim), nn.MultiheadAttention(dim, heads, batch_first=True)
q, k, v = (nn.Linear(dim, dim) for _ in range(3))
x = torch.randn(4, 6, 3)
h = embed(x)
"""

FIRES = {
    "before attention": MODEL
    + """
n = F.layer_norm(h, h.shape[1:])
attend(n, n, n)
""",
    "in a layer of one's own": MODEL
    + """
class Norm(nn.Module):
    def forward(self, inputs):
        return F.layer_norm(inputs, normalized_shape=inputs.size()[1:])
norm, layer = Norm(), nn.TransformerEncoderLayer(dim, heads, 16, batch_first=True)
for _ in range(2):
    h = h + layer(norm(h))
""",
    "before queries and keys": MODEL
    + """
n = F.layer_norm(h, h.shape[1:])
split = [f(n).view(4, 6, heads, -1).transpose(1, 2) for f in (q, k, v)]
F.scaled_dot_product_attention(*split)
""",
    "before scores by hand": MODEL
    + """
n = torch.nn.functional.layer_norm(h, h.shape[-2:])
((q(n) @ k(n).transpose(1, 2)).softmax(-1) @ v(n)).sum()
""",
}

SILENT = {
    "the features of each step": MODEL
    + """
n = F.layer_norm(h, h.shape[-1:])
attend(n, n, n)
n = F.layer_norm(h, h.shape[2:])
(q(n) @ k(n).transpose(1, 2)).softmax(-1) @ v(n)
""",
    "a series, before any layer": MODEL
    + """
y = torch.randn(4, 6, dim)
y = F.layer_norm(y, y.shape[1:])
attend(y, y, y)
""",
    "a layer made for sequences of this length": MODEL
    + """
n = nn.LayerNorm([6, dim])(h)
attend(n, n, n)
n = F.layer_norm(h, (6, dim))
attend(n, n, n)
n = nn.GroupNorm(1, dim)(h.transpose(1, 2)).transpose(1, 2)
attend(n, n, n)
""",
    "a set, with a gain for each feature": MODEL
    + """
gain = nn.Parameter(torch.ones(dim))
n = F.layer_norm(h, h.shape[1:]) * gain
attend(n, n, n)
""",
    "pictures, and what is pooled": MODEL
    + """
maps = nn.Conv2d(3, dim, 3)(torch.randn(4, 3, 7, 7))
maps = F.layer_norm(maps, maps.shape[1:])
tokens = maps.flatten(2).transpose(1, 2)
attend(tokens, tokens, tokens)
pooled = F.layer_norm(h.mean(1), h.mean(1).shape[1:])
nn.Linear(dim, 2)(F.layer_norm(h, h.shape[1:]).flatten(1)[:, :dim])
""",
}


@pytest.mark.parametrize("program", FIRES.values(), ids=FIRES.keys())
def test_it_fires(program: str, seen: Any) -> None:
    (found,) = seen(program)
    assert found.slug == "steps-normalised-together"


@pytest.mark.parametrize("program", SILENT.values(), ids=SILENT.keys())
def test_it_is_silent_on_what_looks_alike(program: str, seen: Any) -> None:
    assert [str(finding) for finding in seen(program)] == []
