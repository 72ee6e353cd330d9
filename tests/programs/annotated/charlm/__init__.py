"""A character language model: one causal block, and sampling from it."""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F


class CausalAttention(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)

    def forward(self, x: Float[Tensor, "batch seq width"]) -> Float[Tensor, "batch seq width"]:
        batch, seq, width = x.shape
        query, key, value = (
            part.view(batch, seq, self.heads, -1).transpose(1, 2)
            for part in self.qkv(x).chunk(3, dim=-1)
        )
        scores = query @ key.transpose(-2, -1) * key.size(-1) ** -0.5
        past = torch.ones(seq, seq, dtype=torch.bool).tril()
        scores = scores.masked_fill(~past, float("-inf"))
        mixed = scores.softmax(dim=-1) @ value
        return self.out(mixed.transpose(1, 2).reshape(batch, seq, width))


class CharLM(nn.Module):
    def __init__(self, vocabulary: int, width: int, heads: int, context: int) -> None:
        super().__init__()
        self.token = nn.Embedding(vocabulary, width)
        self.position = nn.Embedding(context, width)
        self.attention = CausalAttention(width, heads)
        self.norm = nn.LayerNorm(width)
        self.out = nn.Linear(width, vocabulary)

    def forward(self, tokens: Int[Tensor, "batch seq"]) -> Float[Tensor, "batch seq char"]:
        places = torch.arange(tokens.size(1))
        x = self.token(tokens) + self.position(places)
        x = x + self.attention(self.norm(x))
        return self.out(x)


def next_char_loss(
    logits: Float[Tensor, "batch seq char"], tokens: Int[Tensor, "batch seq"]
) -> Float[Tensor, ""]:
    predicted = logits[:, :-1].flatten(0, 1)
    return F.cross_entropy(predicted, tokens[:, 1:].flatten())


@torch.no_grad()
def extend(
    model: CharLM, prompt: Int[Tensor, "batch seq"], steps: int
) -> Int[Tensor, "batch longer"]:
    tokens = prompt
    for _ in range(steps):
        logits = model(tokens)
        best = logits[:, -1].argmax(dim=-1, keepdim=True)
        tokens = torch.cat([tokens, best], dim=1)
    return tokens
