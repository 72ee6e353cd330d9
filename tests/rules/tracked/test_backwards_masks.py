"""causal-leak by the mask alone: triangles that hide the past, and what looks alike."""

from __future__ import annotations

from typing import Any

import pytest

FIRES = {
    "filled by a transposed triangle": """
scores = torch.randn(2, 5, 5)
keep = torch.tril(torch.ones(5, 5))
weights = F.softmax(scores.masked_fill(keep.T == 0, float("-inf")), dim=-1)
F.dropout(weights, 0.1) @ torch.randn(2, 5, 8)
""",
    "added": """
scores = torch.randn(2, 5, 5)
mask = torch.full((5, 5), float("-inf")).tril(-1)
weights = ((scores + mask) / 2.0).softmax(-1)
torch.einsum("bqk,bkd->bqd", weights, torch.randn(2, 5, 8))
""",
    "what is seen for what is hidden": """
x = torch.randn(2, 5, 8)
mask = torch.tril(torch.ones(5, 5)).bool()
nn.MultiheadAttention(8, 2, batch_first=True)(x, x, x, attn_mask=mask)
""",
    "what is hidden for what is seen": """
q = torch.randn(2, 3, 5, 8)
mask = torch.triu(torch.ones(5, 5)).bool()
F.scaled_dot_product_attention(q, q, q, attn_mask=mask)
""",
    "an encoder": """
encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16), 1)
encoder(torch.randn(5, 2, 8), mask=torch.tril(torch.ones(5, 5), -1) == 1)
""",
}

SILENT = {
    "triangles that hide the future": """
x, q = torch.randn(2, 5, 8), torch.randn(2, 3, 5, 8)
keep = torch.tril(torch.ones(5, 5))
scores = torch.randn(2, 5, 5)
F.softmax(scores.masked_fill(keep == 0, -1e9), dim=-1), (scores + torch.log(keep)).softmax(-1)
torch.where(keep == 1, scores, torch.tensor(-1e9)).softmax(-1)
nn.MultiheadAttention(8, 2, batch_first=True)(x, x, x, attn_mask=keep == 0)
F.scaled_dot_product_attention(q, q, q, attn_mask=keep.bool())
layer = nn.TransformerEncoderLayer(8, 2, 16)
layer(torch.randn(5, 2, 8), src_mask=nn.Transformer.generate_square_subsequent_mask(5))
""",
    "keys in front of queries": """
scores = torch.randn(2, 5, 5)
F.softmax(scores.masked_fill(torch.tril(torch.ones(5, 5)).T == 0, -1e9), dim=-2)
""",
    "it is called backward": """
def backward_attention(scores):
    return scores.masked_fill(torch.tril(torch.ones(5, 5)).T == 0, -1e9).softmax(-1)

backward_attention(torch.randn(2, 5, 5))
""",
    "itself left out, and a band": """
scores = torch.randn(2, 5, 5)
scores.masked_fill(torch.eye(5).bool(), -1e9).softmax(-1)
far = (torch.arange(5)[:, None] - torch.arange(5)).abs() > 1
scores.masked_fill(far, -1e9).softmax(-1)
""",
    "pairs counted once": """
distances = torch.rand(5, 5).masked_fill(torch.tril(torch.ones(5, 5)) == 1, -1e9)
nearest = distances.max()
""",
    "what ranks below, and spans that end before they begin": """
scores, before = torch.randn(2, 5), torch.ones(5, 5).tril(-1).bool()
ranked = scores.unsqueeze(1).expand(-1, 5, 5).masked_fill(before, float("-inf")).log_softmax(-1)
ranked.diagonal(dim1=1, dim2=2).sum(-1)
starts, ends = torch.randn(2, 5, 8), torch.randn(2, 5, 8)
spans = (starts @ ends.transpose(1, 2)).masked_fill(before, -1e9)
spans.softmax(-1), spans.view(2, -1).log_softmax(-1).argmax(-1)
""",
}


@pytest.mark.parametrize("program", FIRES.values(), ids=FIRES.keys())
def test_it_fires(program: str, seen: Any) -> None:
    assert "causal-leak" in [finding.slug for finding in seen(program)]


@pytest.mark.parametrize("program", SILENT.values(), ids=SILENT.keys())
def test_it_is_silent_on_what_looks_alike(program: str, seen: Any) -> None:
    assert [str(finding) for finding in seen(program)] == []
