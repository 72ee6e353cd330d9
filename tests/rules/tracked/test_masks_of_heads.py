"""merged-otherwise at masks of attention: where it fires, and what looks alike and is right."""

from __future__ import annotations

from typing import Any

import pytest

PADDED = """
batch_size, steps, dim, heads = 3, 5, 8, 2
x = torch.randn(batch_size, steps, dim)
attend = nn.MultiheadAttention(dim, heads, batch_first=True)
real = torch.arange(steps) < torch.tensor([5, 3, 4])[:, None]
mask = ~(real[:, None, :] & torch.ones(steps, 1, dtype=torch.bool))
"""

FIRES = {
    "tiled": PADDED + "attend(x, x, x, attn_mask=mask.repeat(heads, 1, 1))",
    "heads in front": PADDED
    + """
tiles = mask[None].expand(heads, -1, -1, -1).reshape(-1, steps, steps)
attend(x, x, x, attn_mask=tiles)
""",
    "joined": PADDED + "attend(x, x, x, attn_mask=torch.cat([mask] * heads))",
    "in a layer, time first, added": PADDED
    + """
layer = nn.TransformerEncoderLayer(dim, heads, 16)
far = torch.zeros(mask.shape).masked_fill(mask, -1e9)
layer(x.transpose(0, 1), src_mask=torch.tile(far, (heads, 1, 1)))
""",
    "as many samples as heads": PADDED.replace("heads = 3, 5, 8, 2", "heads = 4, 5, 8, 4").replace(
        "[5, 3, 4]", "[5, 3, 4, 2]"
    )
    + """
allowed = torch.einsum("bl,bs->bls", torch.ones(batch_size, steps), real.float()).bool()
attend(nn.Linear(dim, dim)(x), x, x, attn_mask=~allowed.repeat(heads, 1, 1))
""",
}

SILENT = {
    "all heads of a sample": PADDED
    + """
attend(x, x, x, attn_mask=mask.repeat_interleave(heads, dim=0))
attend(x, x, x, attn_mask=mask[:, None].expand(-1, heads, -1, -1).reshape(-1, steps, steps))
attend(x, x, x, attn_mask=mask.unsqueeze(1).repeat(1, heads, 1, 1).flatten(0, 1))
""",
    "one mask for all": PADDED
    + """
causal = torch.triu(torch.ones(steps, steps, dtype=torch.bool), 1)
attend(x, x, x, attn_mask=causal.repeat(batch_size * heads, 1, 1))
attend(x, x, x, attn_mask=causal.expand(batch_size, -1, -1).repeat(heads, 1, 1))
attend(x, x, x, attn_mask=causal)
""",
    "a bias for each head": """
for batch_size in (2, 4):
    steps, dim, heads = 5, 8, 2
    x = torch.randn(batch_size, steps, dim)
    slope = torch.tensor([0.5, 0.25])[:, None, None]
    bias = -slope * (torch.arange(steps) - torch.arange(steps)[:, None]).abs()
    attend = nn.MultiheadAttention(dim, heads, batch_first=True)
    attend(x, x, x, attn_mask=bias.repeat(batch_size, 1, 1))
""",
    "one sample, one head": PADDED
    + """
attend(x[:1], x[:1], x[:1], attn_mask=mask[:1].repeat(heads, 1, 1))
nn.MultiheadAttention(dim, 1, batch_first=True)(x, x, x, attn_mask=mask.repeat(1, 1, 1))
""",
}


@pytest.mark.parametrize("program", FIRES.values(), ids=FIRES.keys())
def test_it_fires(program: str, seen: Any) -> None:
    assert [finding.slug for finding in seen(program)] == ["merged-otherwise"]


@pytest.mark.parametrize("program", SILENT.values(), ids=SILENT.keys())
def test_it_is_silent_on_what_looks_alike(program: str, seen: Any) -> None:
    assert [str(finding) for finding in seen(program)] == []
