"""positional-encoding-axis: where it fires, and what looks alike and is right."""

from __future__ import annotations

from typing import Any

import pytest

ENCODER = """
layer = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0, batch_first=True)
tok, pos, words = nn.Embedding(9, 8), nn.Embedding(32, 8), torch.randint(0, 9, (4, 6))
"""

ROTARY = """
def rotated(x):
    t = torch.arange(x.shape[-2]).float()
    angles = torch.outer(t, 1.0 / 10000 ** (torch.arange(0, 8, 2) / 8))
    angles = torch.cat((angles, angles), dim=-1)
    a, b = x.chunk(2, dim=-1)
    return x * angles.cos() + torch.cat((-b, a), dim=-1) * angles.sin()
batch_size, seq_len, heads = 2, 6, 4
q = nn.Linear(32, 32)(torch.randn(batch_size, seq_len, 32)).view(batch_size, seq_len, heads, 8)
"""

BESIDE = """
def rotated(x):
    freqs = torch.outer(torch.arange(64).float(), 1.0 / 10000 ** (torch.arange(0, 8, 2) / 8))
    freqs = torch.cat((freqs, freqs), dim=-1)[: x.shape[-2]]
    a, b = x.chunk(2, dim=-1)
    return x * freqs.cos() + torch.cat((-b, a), dim=-1) * freqs.sin()
x, qkv = torch.randn(1, 6, 32), nn.Linear(32, 96)
"""

TABLE = """
class Rotary(nn.Module):
    def __init__(self, dim, max_len=64):
        super().__init__()
        inv_freq = 1.0 / 10000 ** (torch.arange(0, dim, 2) / dim)
        freqs = torch.outer(torch.arange(max_len).float(), inv_freq)
        emb = torch.cat((freqs, freqs), dim=-1)
        self.register_buffer("cos", emb.cos())
        self.register_buffer("sin", emb.sin())
    def forward(self, x):
        n = x.shape[-2]
        a, b = x.chunk(2, dim=-1)
        return x * self.cos[:n] + torch.cat((-b, a), dim=-1) * self.sin[:n]
dim, n_heads, rotary = 32, 4, Rotary(8)
x = nn.Linear(dim, 3 * dim)(torch.randn(2, 6, dim))
b, s, _ = x.shape
q, k, v = (t.view(b, s, n_heads, dim // n_heads) for t in x.chunk(3, dim=-1))
"""

FIRES = {
    "a table cut to the number of heads": TABLE
    + """
q, k = rotary(q), rotary(k)
F.scaled_dot_product_attention(*(t.transpose(1, 2) for t in (q, k, v)), is_causal=True)
""",
    "a table cut in the call, scores by hand": TABLE
    + """
q = q * rotary.cos[: q.size(2)]
k = k * rotary.cos[: k.size(2)]
(q.transpose(1, 2) @ k.transpose(1, 2).transpose(-2, -1)).softmax(-1) @ v.transpose(1, 2)
""",
    "angles of heads, of `b, n, d`, one sample": BESIDE
    + "b, n, d = x.shape\nrotated(qkv(x)[..., :d].reshape(b, n, 4, 8)).transpose(1, 2)",
    "angles of heads": ROTARY + "rotated(q)",
    "angles of heads, with axes in front": ROTARY
    + """
t = torch.arange(q.size(2))[:, None] * torch.ones(8)
q = q * torch.cos(t)[None, None]
""",
    "a count of samples looked up": ENCODER
    + """
positions = torch.arange(words.size(0)).unsqueeze(1)
layer(tok(words) + pos(positions))
""",
    "a count of samples, expanded": ENCODER
    + """
position_ids = torch.arange(words.shape[0])[:, None].expand(words.shape)
emb = tok(words)
emb += pos(position_ids) * 0.5
nn.GRU(8, 3, batch_first=True)(emb)
""",
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
    "time mixed within windows of a series of n rows": """
import numpy as np
n, SEQ = 60, 10
series = np.sin(np.arange(n)[:, None] / (6 + np.arange(5)))
windows = torch.from_numpy(series).float().unfold(0, SEQ + 4, 1).transpose(1, 2)
x = windows[:16, :SEQ]
x + nn.Linear(SEQ, SEQ)(x.transpose(1, 2)).transpose(1, 2)
""",
    "a table cut to the number of steps": TABLE
    + """
q, k = (rotary(t.transpose(1, 2)) for t in (q, k))
F.scaled_dot_product_attention(q, k, v.transpose(1, 2), is_causal=True)
q * rotary.cos[: q.size(2), None], v * rotary.cos[:s][None, :, None]
""",
    "a table for each head": TABLE
    + """
heads = torch.outer(torch.arange(n_heads).float(), torch.rand(8)).cos()
q * heads, q * heads[:n_heads], v + torch.outer(torch.arange(9.0), torch.rand(8)).cos()[:n_heads]
""",
    "a table of positions along each head": TABLE
    + "q * rotary.cos[: q.size(1), None] * rotary.cos[: q.size(2)]",
    "angles of steps, of `b, n, d`, one sample": BESIDE
    + """
b, n, d = x.shape
q = qkv(x)[..., :d].reshape(b, n, 4, 8)
rotated(q.transpose(1, 2)).transpose(1, 2).reshape(b, n, d)
""",
    "no steps: two axes of samples, groups of a batch": BESIDE
    + """
batch_size, n_samples = 4, 6
draws = qkv(torch.randn(batch_size, n_samples, 32))[..., :32]
rotated(draws.reshape(batch_size, n_samples, 4, 8))
b, d = 12, 32
flat = qkv(torch.randn(b, d))[:, :d]
n = b // 3
rotated(flat.reshape(3, n, 4, 8)), rotated(flat.reshape(n, b // n, 4, 8))
""",
    "angles of steps, heads in front": ROTARY
    + "rotated(q.transpose(1, 2)).transpose(1, 2), rotated(q[:, :, 0]), rotated(q.mean(2))",
    "angles of steps, for pairs of features": ROTARY
    + """
pairs = q.flatten(2).view(batch_size, seq_len, 16, 2)
angles = torch.arange(seq_len)[:, None] * torch.rand(pairs.shape[-2])
pairs * angles.cos()[..., None], q * angles[:, :1].cos()[None, :, :, None]
""",
    "chunks of a sequence, each at its place": ROTARY
    + """
chunks = torch.randn(batch_size, 36, 8).view(batch_size, 3, 12, 8)
chunks * torch.arange(chunks.shape[-2]).float().cos()[:, None]
""",
    "a slope for each head": ROTARY
    + "q * (2.0 ** -torch.arange(q.shape[-2]))[:, None], q + torch.rand(heads, 8).sin()[:1]",
    "a count of steps looked up": ENCODER
    + """
positions = torch.arange(words.size(1)).unsqueeze(0)
layer(tok(words) + pos(positions)), layer(tok(words) + pos(torch.arange(words.size(1))))
""",
    "a count of steps, time first": """
tok, pos, words = nn.Embedding(9, 8), nn.Embedding(32, 8), torch.randint(0, 9, (6, 4))
nn.TransformerEncoderLayer(8, 2, 16)(tok(words) + pos(torch.arange(words.size(0)).unsqueeze(1)))
""",
    "a code for each sample": ENCODER
    + """
codes = nn.Embedding(4, 8)
layer(tok(words) + codes(torch.arange(words.size(0))).unsqueeze(1))
""",
    "frames of one video, whose patches attend to each other": """
layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
frame_pos, patch_pos = nn.Embedding(32, 8), nn.Embedding(32, 8)
video = torch.randn(4, 6, 8)
positions = torch.arange(video.size(0)).unsqueeze(1)
layer(video + frame_pos(positions) + patch_pos(torch.arange(video.size(1))))
""",
    "rows that attend along both axes": """
rows, columns = (nn.MultiheadAttention(8, 2, batch_first=True) for _ in range(2))
grid, pos = torch.randn(4, 6, 8), nn.Embedding(32, 8)
x = grid + pos(torch.arange(grid.size(0)).unsqueeze(1))
x = rows(x, x, x)[0].transpose(0, 1)
columns(x, x, x)
""",
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
