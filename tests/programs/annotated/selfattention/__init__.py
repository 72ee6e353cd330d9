"""Multi-head self-attention with a padding mask, written out by hand."""

import math

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn


def split_heads(
    x: Float[Tensor, "batch seq width"], heads: int
) -> Float[Tensor, "batch heads seq head_dim"]:
    batch, seq, width = x.shape
    return x.view(batch, seq, heads, width // heads).transpose(1, 2)


def merge_heads(
    x: Float[Tensor, "batch heads seq head_dim"],
) -> Float[Tensor, "batch seq width"]:
    batch, heads, seq, head_dim = x.shape
    return x.transpose(1, 2).reshape(batch, seq, heads * head_dim)


def attend(
    query: Float[Tensor, "batch heads seq head_dim"],
    key: Float[Tensor, "batch heads seq head_dim"],
    value: Float[Tensor, "batch heads seq head_dim"],
    padding: Bool[Tensor, "batch seq"],
) -> Float[Tensor, "batch heads seq head_dim"]:
    scores = query @ key.transpose(-2, -1) / math.sqrt(query.size(-1))
    scores = scores.masked_fill(padding[:, None, None, :], -1e9)
    weights = scores.softmax(dim=-1)
    return weights @ value


class SelfAttention(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width)
        self.value = nn.Linear(width, width)
        self.out = nn.Linear(width, width)
        self.norm = nn.LayerNorm(width)

    def forward(
        self, x: Float[Tensor, "batch seq width"], padding: Bool[Tensor, "batch seq"]
    ) -> Float[Tensor, "batch seq width"]:
        query = split_heads(self.query(x), self.heads)
        key = split_heads(self.key(x), self.heads)
        value = split_heads(self.value(x), self.heads)
        mixed = merge_heads(attend(query, key, value, padding))
        return self.norm(x + self.out(mixed))
