"""mask-without-effect: where it fires, and what looks alike and is right."""

from __future__ import annotations

from typing import Any

import pytest

_TOKENS = """
ids = torch.tensor([[2, 5, 8, 3, 1, 1], [2, 7, 3, 1, 1, 1]])
x, causal = nn.Embedding(10, 8)(ids), torch.tril(torch.ones((6, 6))).bool()
scores = (x @ x.mT).unsqueeze(1)
pad = ids != 1
"""

FIRES = {
    "padding along the queries, beside a causal mask": _TOKENS
    + """
mask = pad.unsqueeze(1).unsqueeze(3) & causal
scores.masked_fill(mask == 0, -1e10).softmax(-1) @ x[:, None]
""",
    "or what is hidden by either": _TOKENS
    + """
mask = (ids == 1)[:, None, :, None] | ~causal
scores.masked_fill(mask, -1e10).softmax(-1) @ x[:, None]
""",
    "lengths for padding": """
lengths = torch.tensor([3, 2])
x = torch.randn(2, 3, 8)
mask = torch.arange(3).unsqueeze(0) < lengths.unsqueeze(1)
nn.MultiheadAttention(8, 2, batch_first=True)(x, x, x, key_padding_mask=mask)
""",
    "ones and zeros added": """
q = torch.randn(2, 5, 8)
F.softmax(q @ q.mT + torch.tril(torch.ones(5, 5)), dim=-1) @ q
""",
    "scores multiplied": """
q = torch.randn(2, 5, 8)
F.softmax((q @ q.mT) * torch.tril(torch.ones(5, 5)), dim=-1) @ q
""",
    "ones and zeros for a layer": """
x = torch.randn(5, 2, 8)
nn.TransformerEncoderLayer(8, 2, 16)(x, src_mask=torch.triu(torch.ones(5, 5), 1))
""",
    "tokens for padding": """
ids = torch.tensor([[4, 2, 0], [3, 5, 6]])
x = nn.Embedding(9, 8)(ids)
nn.MultiheadAttention(8, 2, batch_first=True)(x, x, x, key_padding_mask=ids != 0)
""",
    "filled where the tokens stand": """
ids = torch.tensor([[4, 2, 0], [3, 5, 6]])
x = nn.Embedding(9, 8)(ids)
pad = ~(ids != 0)
(x @ x.mT).masked_fill((pad == 0).unsqueeze(1), -1e9).softmax(-1) @ x
""",
    "a padding mask along the queries": """
x, pad = torch.randn(2, 5, 4), torch.tensor([[0, 0, 0, 1, 1], [0, 0, 0, 0, 1]]).bool()
scores = (x @ x.transpose(1, 2)).masked_fill(pad.unsqueeze(2), -1e9).softmax(-1)
""",
    "thrown away": """
s = torch.randn(3, 4)
s.masked_fill(s > 0, -1e9)
""",
    "too late": """
w = torch.randn(3, 4).softmax(-1)
w = w.masked_fill(w > 0.5, -1e9)
""",
}

SILENT = {
    "padding along the keys, or along both": _TOKENS
    + """
def attend(*masks, fill=-1e10):
    hidden = scores
    for mask in masks:
        hidden = hidden.masked_fill(mask == 0, fill)
    return hidden.softmax(-1) @ x[:, None]
keys, queries = pad[:, None, None], pad[:, None, :, None]
attend(keys & causal), attend(queries & keys & causal), attend(queries & causal & keys)
attend(keys, queries & causal), attend(queries & causal, keys)
""",
    "queries that are nothing are put to zero": _TOKENS
    + """
queries = pad[:, None, :, None]
scores.masked_fill(~(queries & causal), float("-inf")).softmax(-1).nan_to_num(0) @ x[:, None]
scores.masked_fill(~causal, -1e9).softmax(-1) * queries @ x[:, None]
""",
    "numbers that are no tokens, allowed pairs": """
kind = torch.randint(0, 4, (2, 6))
x, causal = torch.randn(2, 6, 8), torch.tril(torch.ones((6, 6))).bool()
mask = (kind != 1)[:, :, None] & causal
(x @ x.mT).masked_fill(~mask, -1e9).softmax(-1) @ x
""",
    "what is past the lengths for padding": """
lengths = torch.tensor([3, 2])
x, attention = torch.randn(2, 3, 8), nn.MultiheadAttention(8, 2, batch_first=True)
positions = torch.arange(3)[None, :]
attention(x, x, x, key_padding_mask=positions >= lengths[:, None])
attention(x, x, x, key_padding_mask=~(positions < lengths[:, None]))
attention(x, x, x, key_padding_mask=positions < (3 - lengths)[:, None])
""",
    "padding for padding": """
ids = torch.tensor([[4, 2, 0], [3, 5, 6]])
x, attention = nn.Embedding(9, 8)(ids), nn.MultiheadAttention(8, 2, batch_first=True)
mask = (ids != 0).long()
attention(x, x, x, key_padding_mask=ids == 0), attention(x, x, x, key_padding_mask=mask == 0)
attention(x, x, x, key_padding_mask=~(ids != 0)), attention(x, x, x, key_padding_mask=mask != 1)
(x @ x.mT).masked_fill((mask == 0)[:, None], -1e9).softmax(-1) @ x
""",
    "a softmax among those of one class": """
classes, scores = torch.randint(0, 3, (4, 5)), torch.randn(4, 5)
scores.masked_fill(classes != 2, -1e9).softmax(-1) @ torch.randn(5, 2)
""",
    "what is left is filled in": """
q, keep = torch.randn(2, 5, 8), torch.tril(torch.ones(5, 5))
F.softmax((q @ q.mT) * keep + (1 - keep) * -1e9, dim=-1) @ q
""",
    "weights multiplied, counts added": """
w = torch.randn(2, 5, 5).softmax(-1) * torch.tril(torch.ones(5, 5))
(w + torch.eye(5)).sum(-1), w @ torch.randn(2, 5, 3)
""",
    "a padding mask along the keys, and one along the queries": """
x, pad = torch.randn(2, 5, 4), torch.tensor([[0, 0, 0, 1, 1], [0, 0, 0, 0, 1]]).bool()
scores = (x @ x.transpose(1, 2)).masked_fill(pad.unsqueeze(1), -1e9).softmax(-1)
both = (x @ x.transpose(1, 2)).masked_fill(pad.unsqueeze(2), -1e9)
both = both.masked_fill(pad.unsqueeze(1), -1e9).softmax(-1)
""",
    "in place": """
s = torch.randn(3, 4)
s.masked_fill_(s > 0, -1e9)
s.softmax(1)
""",
    "zero after the softmax": """
w = torch.randn(3, 4).softmax(-1)
w = w.masked_fill(w < 0.1, 0.0)
""",
    "used in an expression": """
s = torch.randn(3, 4)
w = s.masked_fill(s > 9, float("-inf")).softmax(1)
""",
}


@pytest.mark.parametrize("program", FIRES.values(), ids=FIRES.keys())
def test_it_fires(program: str, seen: Any) -> None:
    assert "mask-without-effect" in [finding.slug for finding in seen(program)]


@pytest.mark.parametrize("program", SILENT.values(), ids=SILENT.keys())
def test_it_is_silent_on_what_looks_alike(program: str, seen: Any) -> None:
    assert [str(finding) for finding in seen(program)] == []
