"""scaled-by-other-axis: where it fires, and what looks alike and is right."""

from __future__ import annotations

from typing import Any

import pytest

_HEAD = """
import math
x = torch.randn(3, 10, 12)
q, k, v = nn.Linear(12, 4)(x), nn.Linear(12, 4)(x), nn.Linear(12, 4)(x)
"""
_HEADS = """
import math
n_heads, d_model = 2, 8
x = torch.randn(3, 10, d_model)
B, T, C = x.shape
q, k, v = (
    nn.Linear(d_model, d_model)(x).view(B, T, n_heads, C // n_heads).transpose(1, 2) for _ in "qkv"
)
"""

_GIVEN = """
import math
B, h, L, d = 2, 2, 9, 4
Q, K, V = (torch.randn(B, h, L, d) for _ in "qkv")
"""

_PLAIN = """
B, L, D, n_head = 3, 6, 24, 2
x, w = torch.randn(B, L, D), torch.randn(D, 3 * D)
q, k, v = (x @ w).reshape(B, L, 3, n_head, D // n_head).permute(2, 0, 3, 1, 4).unbind(0)
"""

FIRES = {
    "the heads, of weights that are plain tensors, einsum": _PLAIN
    + """
scores = torch.einsum("bhqd,bhkd->bhqk", q, k) * q.shape[1] ** -0.5
scores = scores + torch.full((L, L), float("-inf")).triu(1)
torch.einsum("bhqk,bhkd->bhqd", scores.softmax(dim=-1), v)
""",
    "the heads, of weights that are plain tensors, by their number": _PLAIN
    + "(q @ k.transpose(-2, -1) / n_head ** 0.5).softmax(-1) @ v",
    "of the keys, after they were turned, without any layer": _GIVEN
    + """
def attention(Q, K, V):
    K_T = K.transpose(-2, -1)
    d_k = K_T.shape[-1]
    scores = torch.matmul(Q, K_T) / math.sqrt(d_k)
    return torch.matmul(torch.softmax(scores, dim=-1), V)
attention(Q, K, V)
""",
    "read of the steps, in a variable": _HEAD
    + """
scale = q.size(1) ** -0.5
wei = q @ k.transpose(-2, -1) * scale
wei = wei.masked_fill(torch.ones(10, 10).tril() == 0, float("-inf"))
F.softmax(wei, dim=-1) @ v
""",
    "in a function, by the name of the steps": _HEADS
    + """
def attend(q, k, v, mask=None):
    d_k = q.shape[2]
    scores = torch.matmul(q, k.transpose(-2, -1)) / math.sqrt(d_k)
    return scores.softmax(-1) @ v
attend(q, k, v)
""",
    "the steps as a tensor, einsum": _HEADS
    + """
scores = torch.einsum("bhqd,bhkd->bhqk", q, k) / torch.sqrt(torch.tensor(float(T)))
torch.einsum("bhqk,bhkd->bhqd", F.dropout(scores, 0.1).softmax(-1), v)
""",
    "features by the name of a size": """
B, T, C, head_size = 3, 10, 12, 4
x = nn.Embedding(16, C)(torch.randint(0, 16, (B, T + 1))[:, :-1])
key, query = nn.Linear(C, head_size, bias=False), nn.Linear(C, head_size, bias=False)
k, q = key(x), query(x)
F.softmax(q @ k.transpose(1, 2) * k.shape[1] ** -0.5, dim=-1) @ x
""",
    "the heads, by the name of their number": """
import math
class Attention(nn.Module):
    def __init__(self, d_model, n_heads):
        super().__init__()
        self.n_heads, self.d_k = n_heads, d_model // n_heads
        self.qkv = nn.Linear(d_model, 3 * d_model)
    def forward(self, x):
        B, T, _ = x.shape
        parts = self.qkv(x).chunk(3, dim=-1)
        q, k, v = (p.view(B, T, self.n_heads, self.d_k).transpose(1, 2) for p in parts)
        att = (q @ k.transpose(-2, -1)) / math.sqrt(self.n_heads)
        return att.softmax(dim=-1) @ v
Attention(12, 3)(torch.randn(2, 7, 12))
""",
    "of the queries, before": _HEADS
    + """
q = q * (1 / math.sqrt(q.size(2)))
(q @ k.transpose(-1, -2)).softmax(-1) @ v
""",
}

SILENT = {
    "weights that are plain tensors: the width, by any name": _PLAIN
    + """
scores = torch.einsum("bhqd,bhkd->bhqk", q, k)
(scores * q.shape[-1] ** -0.5).softmax(-1), (scores / (D // n_head) ** 0.5).softmax(-1) @ v
(q @ k.mT / D ** 0.5).softmax(-1)
""",
    "as many heads as features of each": """
B, L, n = 3, 6, 4
x, w = torch.randn(B, L, n * n), torch.randn(n * n, n * n)
q, k = (x @ w).view(B, L, n, n).transpose(1, 2), (x @ w).view(B, L, n, n).transpose(1, 2)
(q @ k.mT / n ** 0.5).softmax(-1), (q @ k.mT * q.shape[-1] ** -0.5).softmax(-1)
""",
    "weights that are plain tensors: means over heads, channels, a temperature, no softmax": _PLAIN
    + """
scores = torch.einsum("bhqd,bhkd->bhqk", q, k)
(scores.sum(1) / n_head ** 0.5).softmax(-1), torch.einsum("bhqd,bhkd->bqk", q, k) / n_head ** 0.5
(torch.einsum("bhqd,bhkd->bqk", q, k) / n_head ** 0.5).softmax(-1)
(torch.einsum("bhld,bhle->bhde", q, k) / L ** 0.5).softmax(-1)
(scores * q.shape[1] ** -0.5 / 0.7).softmax(-1), scores / n_head ** 0.5
(scores / n_head ** 0.5).softmax(1)
""",
    "no layer: the features, by either name, before and after": _GIVEN
    + """
K_T = K.transpose(-2, -1)
d_k = K_T.shape[-2]
(Q @ K_T / math.sqrt(d_k)).softmax(-1), (Q @ K_T / math.sqrt(K.shape[-1])).softmax(-1) @ V
(Q / math.sqrt(d) @ K_T).softmax(-1) @ V
""",
    "no layer: channels attend to channels, means over the steps": _GIVEN
    + """
(Q.mT @ K / math.sqrt(L)).softmax(-1) @ V.mT, (Q.mT @ K / math.sqrt(d)).softmax(-1) @ V.mT
(Q @ K.mT / math.sqrt(L)) @ V, (Q @ K.mT / L).softmax(-1)
""",
    "no layer: series of channels": """
batch, channels, steps = 2, 3, 9
x = torch.randn(batch, channels, steps)
(x @ x.mT / channels ** 0.5).softmax(-1) @ x, (x @ x.mT / steps ** 0.5).softmax(-1) @ x
""",
    "the features": _HEAD
    + """
(q @ k.mT / math.sqrt(k.size(-1))).softmax(-1) @ v
(q @ k.mT * q.shape[-1] ** -0.5).softmax(-1) @ v
(q @ k.mT / 2).softmax(-1) @ v
""",
    "the features of all heads, of one": _HEADS
    + """
d_head = C // n_heads
(q @ k.mT / math.sqrt(d_model)).softmax(-1), (q @ k.mT / math.sqrt(d_head)).softmax(-1)
(q @ k.mT * C ** -0.5).softmax(-1)
""",
    "the features of one head, by name": """
class Attention(nn.Module):
    def __init__(self, d_model, n_heads):
        super().__init__()
        self.n_heads, self.d_k = n_heads, d_model // n_heads
        self.q, self.k = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)
    def forward(self, x):
        B, T, _ = x.shape
        q, k = (f(x).view(B, T, self.n_heads, self.d_k).transpose(1, 2) for f in (self.q, self.k))
        return (q @ k.transpose(-2, -1) * self.d_k ** -0.5).softmax(dim=-1)
Attention(12, 3)(torch.randn(2, 7, 12)), Attention(8, 2)(torch.randn(2, 7, 8))
""",
    "linear attention, a mean over the steps": _HEADS
    + """
(q @ k.mT / math.sqrt(T)) @ v, (q @ k.mT / T) @ v, q @ (k.mT @ v) / math.sqrt(T)
""",
    "steps are summed: channels attend to channels": _HEAD
    + """
(q.mT @ k * q.size(1) ** -0.5).softmax(-1) @ v.mT
(q.mT @ k * q.size(-1) ** -0.5).softmax(-1) @ v.mT
""",
    "by the features, and by the length as well": _HEAD
    + """
T, n_train = q.size(1), 6
scores = q @ k.mT * q.size(-1) ** -0.5
(scores * math.log(T) / math.sqrt(math.log(n_train))).softmax(-1) @ v
(scores / math.sqrt(T)).softmax(-1) @ v
""",
    "one sample more than features, kernels": """
x = torch.randn(6, 4)
n = x.size(0)
(x @ x.T / n ** 0.5).softmax(-1)
""",
}


@pytest.mark.parametrize("program", FIRES.values(), ids=FIRES.keys())
def test_it_fires(program: str, seen: Any) -> None:
    assert [finding.slug for finding in seen(program)] == ["scaled-by-other-axis"]


@pytest.mark.parametrize("program", SILENT.values(), ids=SILENT.keys())
def test_it_is_silent_on_what_looks_alike(program: str, seen: Any) -> None:
    assert [str(finding) for finding in seen(program)] == []
