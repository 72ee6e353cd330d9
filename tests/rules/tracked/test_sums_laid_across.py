"""crossed-sums in programs without declarations: where it fires, and what looks alike."""

from __future__ import annotations

from typing import Any

import pytest

FIRES = {
    "the neighbours of a node": """
n = 5
adj = (torch.rand(n, n) < 0.5).float() + torch.eye(n)
adj / adj.sum(1)
""",
    "of two classes": """
confusion = torch.tensor([[50.0, 3.0], [10.0, 20.0]])
confusion / confusion.sum(1)
""",
    "counts": """
counts = torch.tensor([[9, 1, 4], [2, 2, 3], [8, 3, 7]])
counts.float() / counts.sum(1)
""",
    "in place": """
x = torch.rand(4, 4)
x /= x.sum(1)
""",
    "norms that are clamped": """
x = torch.randn(4, 4)
x / x.norm(dim=-1).clamp(min=1e-8)
""",
    "norms and a little": """
x = torch.randn(4, 4)
x / (x.norm(dim=1) + 1e-8)
""",
    "less the largest": """
x = torch.randn(4, 4)
(x - x.max(dim=1).values).exp()
""",
    "less the mean": """
x = torch.randn(4, 4)
x - x.mean(1)
""",
    "a batch of as many": """
x = torch.rand(4, 4, 4)
x / x.sum(-1)
""",
}

GRAPH = """
N = 6
adj = torch.zeros(N, N)
adj[torch.tensor([0, 0, 0, 1, 4]), torch.tensor([1, 2, 3, 4, 5])] = 1
adj = torch.maximum(adj, adj.t()) + torch.eye(N)
x, w = torch.randn(N, 3), nn.Parameter(torch.randn(3, 2))
"""

FIRES |= {
    "the neighbours of a node in an undirected graph": GRAPH
    + """
hat = adj / adj.sum(1)
hat @ (x @ w)
""",
    "and a layer reads what they have": GRAPH
    + """
degree = adj.sum(dim=-1).clamp(min=1)
hat = adj / degree
nn.Linear(3, 2)(torch.mm(hat, torch.mm(hat, x)))
""",
    "with weights by hand, of means": GRAPH
    + """
hat = (adj / adj.mean(1)).detach()
hat @ x @ w
""",
    "of several graphs, by letters": GRAPH
    + """
hat = adj / adj.sum(1)
torch.einsum("ij,bjf->bif", hat, torch.randn(2, N, 3) @ w)
""",
}

SILENT = {
    "means of neighbours": GRAPH
    + """
hat = adj / adj.sum(1, keepdim=True)
torch.einsum("ij,if->jf", adj / adj.sum(1), x @ w)
hat @ (x @ w), (adj / adj.sum(1)).t() @ (x @ w), (x @ w).t() @ (adj / adj.sum(1))
(adj / adj.sum(0)) @ (x @ w)
""",
    "a walk": GRAPH
    + """
walk = adj / adj.sum(1)
for _ in range(3):
    x = walk @ x
x @ w, walk @ torch.full((N,), 1 / N)
""",
    "labels that spread without a layer": GRAPH
    + """
hat = adj / adj.sum(1)
scores = hat @ hat @ F.one_hot(torch.arange(N) % 2).float()
far = torch.eye(N)
for _ in range(3):
    far = 0.9 * hat @ far + 0.1 * torch.eye(N)
""",
    "by the roots of degrees on both sides": GRAPH
    + """
d = adj.sum(1).pow(-0.5)
(d[:, None] * adj * d[None, :]) @ (x @ w)
(adj / adj.sum(1).sqrt() / adj.sum(1).sqrt()[:, None]) @ (x @ w)
""",
    "a ring, in which all have as many neighbours": """
adj = torch.eye(5).roll(1, 0) + torch.eye(5).roll(-1, 0)
(adj / adj.sum(1)) @ nn.Linear(3, 2)(torch.randn(5, 3))
""",
    "columns": """
x = torch.rand(4, 4)
x / x.sum(0)
x - x.mean(0)
x.t() / x.sum(1)
""",
    "a symmetric matrix that is written out": """
adj = torch.tensor([[1.0, 1.0, 0.0], [1.0, 1.0, 1.0], [0.0, 1.0, 1.0]])
adj / adj.sum(1)
""",
    "a symmetric matrix of nodes": """
n_nodes = 4
adj = torch.rand(n_nodes, n_nodes)
adj = (adj + adj.t()) / 2
adj / adj.sum(1)
""",
    "on both sides": """
adj = torch.rand(4, 4)
d = adj.sum(1)
adj / d / d[:, None]
root = d.pow(-0.5)
adj * root[:, None] * root[None, :]
""",
    "on purpose": """
adj = torch.rand(4, 4)
adj / adj.sum(1)[None, :]
""",
    "kept": """
x = torch.randn(4, 4)
e = (x - x.max(dim=1, keepdim=True).values).exp()
e / e.sum(1, keepdim=True)
""",
    "a confusion matrix by what was said and by what is": """
confusion = torch.tensor([[50.0, 3.0, 2.0], [10.0, 20.0, 1.0], [4.0, 4.0, 9.0]])
precision = confusion / confusion.sum(0)
recall = confusion / confusion.sum(1, keepdim=True)
confusion.diag() / confusion.sum(1)
""",
    "what goes with what": """
p = torch.rand(4, 4)
p / p.sum(1)[:, None] / p.sum(0)
""",
    "centred twice": """
x = torch.rand(4, 4)
x - x.mean(0) - x.mean(1, keepdim=True) + x.mean()
""",
    "over the first axis of three": """
x = torch.rand(4, 4, 4)
x / x.sum(0)
""",
    "where values cannot be read": """
torch.vmap(lambda x: x - x.mean(1))(torch.randn(3, 3, 3))
""",
}


@pytest.mark.parametrize("program", FIRES.values(), ids=FIRES.keys())
def test_it_fires(program: str, seen: Any) -> None:
    (found,) = seen(program)
    assert (found.slug, found.remedy) == ("crossed-sums", "keepdim=True")


@pytest.mark.parametrize("program", SILENT.values(), ids=SILENT.keys())
def test_it_is_silent_on_what_looks_alike(program: str, seen: Any) -> None:
    assert [str(finding) for finding in seen(program)] == []
