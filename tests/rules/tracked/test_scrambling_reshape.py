"""scrambling-reshape: where it fires, and what looks alike and is right."""

from __future__ import annotations

import re
from typing import Any

import pytest

FIRES = {
    "sizes in another order": """
images = torch.rand(6, 12, 10, 3)
images.view(6, 3, 12, 10).mean(dim=(0, 2, 3))
""",
    "two directions taken apart as pairs": """
out, _ = nn.GRU(4, 5, bidirectional=True)(torch.randn(6, 3, 4))
out.view(6, 3, 5, 2).sum(dim=3)
""",
    "heads merged without a transpose": """
def forward(x):
    batch_size, seq_len, dim = x.shape
    heads = x.view(batch_size, seq_len, 2, 4).transpose(1, 2)
    return heads.reshape(batch_size, seq_len, dim)
forward(torch.randn(3, 5, 8))
""",
    "sizes that divide by chance": """
batch_size, seq_len = 4, 8
x = torch.randn(batch_size, seq_len).view(seq_len, batch_size)
""",
    "tags before time": """
batch_size, seq_len, n_tags = 3, 5, 4
scores = torch.randn(batch_size, seq_len, n_tags).view(batch_size, n_tags, seq_len)
""",
}
FIRES["samples and features that the sizes of a state cut through"] = """
hidden = nn.Linear(3, 10)(torch.randn(4, 3)).view(2, 4, 5)
nn.GRU(6, 5, num_layers=2, batch_first=True)(torch.randn(4, 7, 6), hidden)
"""
FIRES["samples and features of a sequence that divide by chance"] = """
batch_size, width = 4, 12
steps = nn.Linear(3, width)(torch.randn(batch_size, 3)).reshape(2, 4, 6)
"""
FIRES["heads split from features by one reshape"] = """
batch_size, fields, heads = 3, 6, 2
x = nn.Linear(5, 8)(torch.randn(batch_size, fields, 5))
x.reshape(batch_size * heads, -1, 4)
"""

FIRES["two directions one after another, read as pairs"] = """
_, h = nn.GRU(5, 7, bidirectional=True, batch_first=True)(torch.randn(6, 11, 5))
torch.cat([h[0], h[1]], dim=0).reshape(6, 14)
"""

SILENT = {
    "two directions side by side, or apart again": """
_, h = nn.GRU(5, 7, bidirectional=True, batch_first=True)(torch.randn(6, 11, 5))
torch.cat([h[0], h[1]], dim=1).reshape(6, 14)
torch.cat([h[0], h[1]], dim=0).reshape(2, 6, 7)
""",
    "merged, split and grouped by products": """
batch_size, fields, heads = 3, 6, 2
x = nn.Linear(5, 8)(torch.randn(batch_size, fields, 5))
x.reshape(batch_size * fields, heads, 4).reshape(batch_size, fields, heads * 4)
x.reshape(batch_size * 2, -1, 8), x.reshape(batch_size * 2, -1, 16), x.reshape(-1, heads * 4)
by_head = x.view(batch_size, fields, heads, 4).transpose(1, 2)
by_head.reshape(batch_size * heads, -1, 4).view(batch_size, heads, fields, 4)
x.view(batch_size * 2, fields // 2, heads * 4), x.reshape(batch_size, fields * heads, 4)
""",
    "what a layer made for all layers of a state, taken apart sample by sample": """
hidden = nn.Linear(3, 10)(torch.randn(4, 3))
decoder = nn.GRU(6, 5, num_layers=2, batch_first=True)
decoder(torch.randn(4, 7, 6), hidden.view(4, 2, 5).transpose(0, 1).contiguous())
decoder(torch.randn(1, 7, 6), nn.Linear(3, 10)(torch.randn(1, 3)).view(2, 1, 5))
""",
    "states begun with noise, in whatever order": """
batch_size = 4
nn.GRU(6, 5, num_layers=2)(torch.randn(7, batch_size, 6), torch.randn(4, 10).view(2, 4, 5))
""",
    "a state that is one set of weights": """
begin = nn.Parameter(torch.randn(1, 40))
nn.GRU(6, 5, num_layers=2)(torch.randn(7, 4, 6), begin.view(2, 4, 5))
""",
    "groups of samples, and groups of channels": """
def forward(x):
    batch_size, channels, height, width = x.shape
    spread = x.view(2, batch_size // 2, 2, channels // 2, height, width)
    return spread.mean(dim=1), x.view(batch_size * 2, channels // 2, height, width)
forward(nn.Conv2d(3, 6, 3)(torch.randn(4, 3, 8, 8)))
""",
    "rows and columns of patches, put together after an exchange": """
x = nn.Conv2d(3, 6, 1)(torch.randn(2, 3, 8, 12))
patches = x.view(2, 6, 4, 2, 3, 4).permute(0, 3, 4, 2, 5, 1)
nn.GRU(6, 5, batch_first=True)(patches.reshape(2 * 2 * 3, 4 * 4, 6))
""",
    "flattened and unfolded": """
batch, channels, size = 4, 2, 6
x = torch.randn(batch, channels, size, size)
flat = nn.Linear(channels * size * size, 8)(torch.flatten(x, 1)).view(batch, 2, 4)
patches = F.unfold(x, 3, stride=3).view(batch, channels, 3, 3, -1)
windows = torch.randn(batch, 12).unfold(1, 4, 2).reshape(-1, 4)
""",
    "two directions taken apart": """
out, _ = nn.GRU(4, 5, bidirectional=True)(torch.randn(6, 3, 4))
out.view(6, 3, 2, 5).sum(dim=2)
""",
    "heads out of two directions": """
out, _ = nn.GRU(4, 6, bidirectional=True, batch_first=True)(torch.randn(2, 5, 4))
out.view(2, 5, 3, 4).transpose(1, 2)
""",
    "an exercise in views": """
x = torch.arange(24).view(2, 3, 4).view(4, 3, 2)
y = torch.rand(2, 3).view(3, 2)
""",
    "heads split and merged": """
def forward(x):
    B, T, C = x.shape
    heads = x.view(B, T, 2, C // 2).transpose(1, 2)
    return heads.transpose(1, 2).contiguous().view(B, T, C)
forward(torch.randn(2, 4, 8))
""",
    "samples and heads taken apart, the heads merged, at sizes that only look exchanged": """
def forward(x):
    L, N, D = x.shape
    heads = x.reshape(L, N * 3, -1).transpose(0, 1)
    return heads.transpose(0, 1).reshape(L, N, D)
forward(torch.randn(2, 4, 12))
""",
    "patches put together to the picture that was cut": """
def forward(img):
    B, _, H, W = img.shape
    n, p, k = H // 4, 4, 3
    x = nn.Linear(16, k * p ** 2)(nn.Conv2d(2, 16, p, stride=p)(img).flatten(2).transpose(1, 2))
    x = x.reshape(B, n, n, k, p, p).permute(0, 1, 4, 2, 5, 3)
    return x.reshape(B, H, W, k)
forward(torch.zeros(1, 2, 12, 12))
""",
    "pixel shuffle": """
batch, channels, height, width = 2, 12, 3, 3
x = torch.randn(batch, channels, height, width)
x = x.view(batch, 3, 2, 2, height, width).permute(0, 1, 4, 2, 5, 3)
x = x.reshape(batch, 3, 2 * height, 2 * width)
""",
    "channel shuffle": """
batch, channels = 2, 6
x = torch.randn(batch, channels, 4, 4).view(batch, 3, 2, 4, 4).transpose(1, 2)
x = x.reshape(batch, channels, 4, 4)
""",
    "samples split from features": """
B, E, H = 3, 8, 2
x = torch.randn(B, E).view(B * H, E // H)
""",
    "a stream of tokens": """
B, T = 4, 5
x = torch.arange(20).view(B, T)
y = torch.arange(41)[:40].view(B, -1).t()
""",
    "two views of each image": """
n_images = 6
z = torch.cat([torch.randn(n_images, 4)] * 2).view(2, n_images, -1)
""",
    "relative shift": """
batch, T = 2, 5
s = F.pad(torch.randn(batch, T, T), (1, 0)).view(batch, T + 1, T)[:, 1:]
""",
    "views beside permutations": """
x = torch.randn(2, 3, 4)
y, z = x.view(3, 2, 4), x.permute(1, 0, 2)
print(torch.equal(y, z), y[0, 0], (y == z).all(), x.reshape(4, 3, 2).shape)
""",
    "a relative shift of more keys than queries": """
x = F.pad(torch.randn(3, 4, 8) @ torch.randn(8, 11), (1, 0))
queries, keys = x.size(-2), x.size(-1) - 1
y = x.view(3, keys + 1, queries)[:, 1:].view(3, queries, keys)
""",
    "groups of channels, as many as rows": """
x = nn.Conv2d(3, 16, 1)(torch.randn(5, 3, 4, 4))
y = x.view(5, 4, -1)
((y - y.mean(-1, keepdim=True)) / y.std(-1, keepdim=True)).view(5, 16, 4, 4)
""",
    "costs of all boxes by all targets, of a batch of one": """
def detect(images, queries):
    layer = nn.Transformer(4, 1, 1, 1, 8)
    return layer(images.transpose(0, 1), queries.unsqueeze(1).repeat(1, images.size(0), 1))
for batch_size, n_queries in ((1, 5),):
    queries = nn.Parameter(torch.rand(n_queries, 4))
    boxes = detect(torch.rand(batch_size, 3, 4), queries).transpose(0, 1)
    targets = torch.rand(batch_size, 2, 4)
    cost = torch.cdist(boxes.flatten(0, 1), targets.flatten(0, 1))
    cost.view(batch_size, n_queries, -1)
""",
    "a lesson on views": """
x = torch.arange(6).view(2, 3).view(3, 2)
""",
}


@pytest.mark.parametrize("program", FIRES.values(), ids=FIRES.keys())
def test_it_fires(program: str, seen: Any) -> None:
    assert "scrambling-reshape" in [finding.slug for finding in seen(program)]


@pytest.mark.parametrize("program", SILENT.values(), ids=SILENT.keys())
def test_it_is_silent_on_what_looks_alike(program: str, seen: Any) -> None:
    assert [str(finding) for finding in seen(program)] == []


MENDED = {
    "heads merged": """
def forward(x):
    batch_size, seq_len, dim = x.shape
    heads = x.view(batch_size, seq_len, 2, 4).transpose(1, 2)
    return «heads.reshape(batch_size, seq_len, dim)»
forward(torch.randn(3, 5, 8))
""",
    "tags before time": """
batch_size, seq_len, n_tags = 3, 5, 4
scores = torch.randn(batch_size, seq_len, n_tags)
scores = «scores.view(batch_size, n_tags, seq_len)»
""",
    "steps first, flattened": """
seq_len, batch_size, dim = 5, 3, 4
steps = torch.randn(seq_len, batch_size, dim)
flat = «steps.reshape(batch_size, -1)»
""",
    "three axes turned": """
batch_size, height, width, channels = 2, 3, 4, 5
images = torch.randn(batch_size, height, width, channels)
images = «images.view(batch_size, channels, height, width)»
""",
}


@pytest.mark.parametrize("program", MENDED.values(), ids=MENDED.keys())
def test_the_remedy_in_place_of_the_reshape_is_silent(program: str, seen: Any) -> None:
    before, wrong, after = re.split("[«»]", program)
    (found,) = seen(before + wrong + after)
    assert found.slug == "scrambling-reshape"
    assert found.remedy
    assert seen(before + found.remedy + after) == []


def test_no_remedy_where_no_order_of_axes_fits(seen: Any) -> None:
    program = """
batch_size, seq_len, dim = 3, 4, 6
x = torch.randn(batch_size, seq_len, dim)
y = x.reshape(seq_len, 9, 2)
"""
    assert [finding.remedy for finding in seen(program)] == [""]
