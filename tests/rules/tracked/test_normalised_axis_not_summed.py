"""normalised-axis-not-summed: where it fires, and what looks alike and is right."""

from __future__ import annotations

from typing import Any

import pytest

PICTURE = """
in_dim, x = 8, torch.randn(2, 8, 3, 4)
q, k, v = nn.Conv2d(in_dim, 2, 1), nn.Conv2d(in_dim, 2, 1), nn.Conv2d(in_dim, in_dim, 1)
def attend(q, k):
    query, key = q(x).view(2, -1, 12).permute(0, 2, 1), k(x).view(2, -1, 12)
    return torch.bmm(query, key).softmax(-1)
"""

FIRES = {
    "attention to another sequence, normalised over the queries": """
class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.project = nn.Linear(6, 6)
    def forward(self, query, context):
        scores = torch.bmm(self.project(query), context.transpose(1, 2).contiguous()) / 6 ** 0.5
        weights = F.dropout(F.softmax(scores, dim=1), 0.1)
        return torch.bmm(weights, context)
Attention()(torch.randn(2, 4, 6), torch.randn(2, 7, 6))
""",
    "attention to another sequence, by einsum": """
query, key, value = (nn.Linear(3, 6)(torch.randn(2, n, 3)) for n in (4, 7, 7))
weights = (torch.einsum("bqd,bkd->bqk", query, key) / 6 ** 0.5).softmax(1)
torch.einsum("bqk,bkd->bqd", weights, value)
""",
    "attention within a picture, values on the left and weights not turned": """
x = torch.randn(2, 8, 3, 3)
q, k, v = nn.Conv2d(8, 2, 1)(x), nn.Conv2d(8, 2, 1)(x), nn.Conv2d(8, 8, 1)(x)
query, key = q.view(2, -1, 9).permute(0, 2, 1), k.view(2, -1, 9)
attention = torch.bmm(query, key).softmax(-1)
torch.bmm(v.view(2, -1, 9), attention)
""",
    "attention within a picture, where nothing is trained": PICTURE
    + """
with torch.no_grad():
    attention, value = attend(q, k), v(x).view(2, -1, 12)
    torch.bmm(value, attention)
""",
    "an einsum over the other positions": """
q = nn.Linear(6, 6)(torch.randn(2, 5, 6))
weights = torch.einsum("bid,bjd->bij", q, q).softmax(dim=1)
torch.einsum("bij,bjd->bid", weights, q)
""",
    "positions of an image": """
x = torch.randn(2, 4, 3, 3).flatten(2).transpose(1, 2)
weights = torch.einsum("bid,bjd->bij", x, x).softmax(dim=1)
torch.einsum("bij,bjd->bid", weights, x)
""",
    "distributions over two axes": """
student = F.log_softmax(torch.randn(4, 5), dim=0)
F.kl_div(student, torch.randn(4, 5).softmax(dim=1))
""",
    "picked across distributions": """
logp = torch.log_softmax(torch.randn(3, 3), dim=-1)
logp.gather(0, torch.tensor([2, 0, 1]).unsqueeze(0))
""",
    "a mixture over the points": """
log_pi = torch.randn(6, 3).log_softmax(-1)
torch.logsumexp(log_pi + torch.randn(6, 3), dim=0)
""",
    "one side of a cosine normalised over the batch": """
a, b = torch.randn(6, 8), torch.randn(6, 8)
a = a / a.norm(dim=0, keepdim=True)
b = b / b.norm(dim=1, keepdim=True)
a @ b.t()
""",
    "views of a batch, beside their own transpose": """
encoder = nn.Sequential(nn.Linear(5, 16), nn.ReLU(), nn.Linear(16, 8))
z = torch.cat([encoder(torch.randn(6, 5)), encoder(torch.randn(6, 5))], dim=0)
z = F.normalize(z, dim=0)
torch.mm(z, z.t()) / 0.5
""",
    "features of a size with a name, by einsum": """
batch_size, out_dim = 6, 8
encoder = nn.Linear(5, out_dim)
z = encoder(torch.randn(batch_size, 5))
z = z / z.norm(dim=0, keepdim=True).clamp(min=1e-6)
torch.einsum("id,jd->ij", z, z)
""",
    "cosines of pairs": """
users, items = nn.Embedding(10, 8), nn.Embedding(10, 8)
u, i = F.normalize(users(torch.arange(6)), dim=0), F.normalize(items(torch.arange(6)), dim=0)
(u * i).sum(-1)
""",
    "no layer, but it says what it is for": """
def cosine_table(z):
    z = F.normalize(z, dim=0)
    return z @ z.T
cosine_table(torch.randn(6, 4))
""",
    "the weights of a cosine classifier": """
x = nn.Linear(5, 8)(torch.randn(6, 5))
weight = nn.Parameter(torch.randn(3, 8))
F.linear(F.normalize(x), F.normalize(weight, dim=0))
""",
    "queries and keys normalised over the tokens": """
x = nn.Linear(5, 8)(torch.randn(2, 6, 5))
q = F.normalize(x, dim=1)
q @ q.transpose(1, 2)
""",
    "distances of embeddings": """
encoder = nn.Linear(5, 8)
a, p, n = (F.normalize(encoder(torch.randn(6, 5)), dim=0) for _ in range(3))
F.triplet_margin_loss(a, p, n)
""",
    "an expectation over another axis": """
heat = torch.randn(2, 3, 5).softmax(dim=1)
(heat * torch.linspace(-1, 1, 5)).sum(dim=2)
""",
    "batch, by matmul": """
batch, seq_len = 3, 5
w = F.softmax(torch.randn(batch, 1, seq_len), dim=0)
torch.bmm(w, torch.randn(batch, seq_len, 4))
""",
    "softmax by hand": """
batch, seq_len = 3, 5
e = torch.randn(batch, seq_len, 1).exp()
w = e / e.sum(0, keepdim=True)
(w * torch.randn(batch, seq_len, 4)).sum(1)
""",
    "heads instead of keys": """
q = torch.randn(2, 3, 5, 4)
(q @ q.transpose(2, 3)).softmax(1) @ q
""",
    "experts laid along the features": """
gate = torch.randn(9, 4).softmax(-1)
(torch.randn(9, 4, 4) * gate.unsqueeze(-1)).sum(-1)
""",
    "samples compete for each expert": """
gate = torch.randn(5, 3).softmax(0)
(gate.unsqueeze(2) * torch.randn(5, 3, 6)).sum(1)
""",
    "samples compete for each step": """
outputs, (src_len, b) = torch.randn(7, 4, 6), (7, 4)
scores = torch.randn(src_len, b)
(scores.softmax(1).unsqueeze(2) * outputs).sum(0)
""",
    "queries instead of keys": """
batch, seq_len, dim = 2, 5, 4
q = torch.randn(batch, seq_len, dim)
(q @ q.transpose(1, 2)).softmax(1) @ q
""",
}

FIRES["scores of one state for each step, softmax over the samples"] = """
def attend(hidden, outputs):
    steps = outputs.size(1)
    hidden = hidden.unsqueeze(1).repeat(1, steps, 1)
    scores = nn.Linear(12, 1)(torch.cat([hidden, outputs], 2)).squeeze(2)
    return torch.bmm(torch.softmax(scores, dim=0).unsqueeze(1), outputs).squeeze(1)
attend(torch.randn(4, 6), torch.randn(4, 9, 6))
"""

SILENT = {
    "soft assignments to clusters of the same points": """
k, n, d = 3, 9, 4
points = torch.randn(n, d)
shares = torch.softmax(torch.randn(k, n), 0).unsqueeze(1)
torch.bmm(shares, points.expand(k, n, d)), shares @ points
torch.bmm(shares, points.unsqueeze(0).repeat(k, 1, 1))
torch.matmul(shares, torch.stack([points] * k))
""",
    "weights that are turned, or normalised over the keys that lie along rows": """
def attend(x):
    q, k, v = (nn.Conv2d(8, 4, 1)(x).flatten(2) for _ in "qkv")
    turned = v @ (q.mT @ k).softmax(-1).transpose(1, 2)
    along_rows = v @ (k.mT @ q).softmax(1)
attend(torch.randn(2, 8, 3, 3))
""",
    "where nothing is trained: weights turned, channels, data, chains, clusters": PICTURE
    + """
with torch.no_grad():
    attention, value = attend(q, k), v(x).view(2, -1, 12)
    torch.bmm(value, attention.permute(0, 2, 1)), torch.bmm(attention, value.mT)
    channels = (value @ value.mT).softmax(-1)
    channels @ value, value.mT @ channels.mT
    torch.bmm(x.flatten(2), attention.mT), torch.randn(2, in_dim, 12) @ attention
    tokens = nn.Linear(in_dim, in_dim)(x.flatten(2).mT)
    moves = (tokens @ tokens.mT).softmax(-1)
    torch.full((2, 1, 12), 1 / 12) @ moves @ moves
    clusters = nn.Linear(in_dim, 3)(tokens).softmax(-1)
    tokens.mT @ clusters, clusters.mT @ tokens
""",
    "slots, and attention that divides by what each query got": """
def slot_attention(slots, x):
    q, k, v = nn.Linear(6, 6)(slots), nn.Linear(6, 6)(x), nn.Linear(6, 6)(x)
    attn = (q @ k.transpose(1, 2)).softmax(dim=1)
    return attn @ v
def attend(query, key, value):
    attn = (query @ key.transpose(1, 2)).softmax(dim=1)
    first = (attn @ value) / attn.sum(-1, keepdim=True)
    attn = attn / attn.sum(-1, keepdim=True)
    return first, attn @ value
x, slots = nn.Linear(3, 6)(torch.randn(2, 9, 3)), torch.randn(2, 4, 6)
slot_attention(slots, x), attend(slots, x, x)
""",
    "attention both ways": """
def bidirectional_attention(context, query):
    s = context @ query.transpose(1, 2)
    a, b = s.softmax(2), s.softmax(1)
    return a @ query, (a @ b.transpose(1, 2)) @ context, b.transpose(1, 2) @ context
bidirectional_attention(nn.Linear(3, 6)(torch.randn(2, 9, 3)), torch.randn(2, 4, 6))
""",
    "walks by attention, and how much attention each key gets": """
x = nn.Linear(3, 6)(torch.randn(2, 9, 3))
attention = [(nn.Linear(6, 6)(x) @ x.transpose(1, 2)).softmax(-1) for _ in range(3)]
rollout = torch.eye(9).expand(2, 9, 9)
for attn in attention:
    rollout = rollout @ (0.5 * attn + 0.5 * torch.eye(9))
walk = attention[0] @ attention[1] @ attention[2]
received = torch.ones(2, 1, 9) @ attention[0], attention[0].sum(1)
""",
    "soft clusters, states of a chain": """
x, centres = nn.Linear(3, 6)(torch.randn(9, 3)), torch.randn(4, 6)
(x @ centres.t()).softmax(-1).t() @ x
state, moves = torch.randn(2, 4).softmax(-1), nn.Parameter(torch.randn(4, 4)).softmax(-1)
state @ moves @ moves
""",
    "channels that attend to channels": """
x = nn.Conv2d(3, 8, 1)(torch.randn(2, 3, 5, 5)).flatten(2)
attention = (x @ x.transpose(1, 2)).softmax(-1)
attention @ x
""",
    "the labels' own entries of a distribution, and paths that lead to each": """
T, B, C = 8, 3, 5
logp = torch.randn(T, B, C).log_softmax(2)
labels, alpha = torch.randint(0, C, (B, 7)), torch.full((B, 7), -1e9)
for t in range(T):
    before = torch.cat([torch.full((B, 1), -1e9), alpha[:, :-1]], 1)
    alpha = torch.logsumexp(torch.stack([alpha, before]), 0) + logp[t].gather(1, labels)
""",
    "what is divided by shares does not add up to one": """
states = 3
shares, counts = torch.rand(7, states).softmax(1), torch.rand(7, states, states)
moves = counts.sum(0) / shares.sum(0)[:, None]
moves @ torch.rand(states)
""",
    "what each node has is shared out among those that it leads to": """
n = 6
links = (torch.rand(n, n) < 0.5).float() + torch.eye(n)
moves = links / links.sum(0, keepdim=True)
rank = moves @ (torch.ones(n) / n)
links / links.sum(0, keepdim=True).clamp(min=1) @ torch.randn(n, 4)
""",
    "capsules agree on who gets what": """
routing = torch.zeros(2, 3, 1, 6).softmax(1)
routing @ torch.randn(2, 3, 6, 4)
""",
    "routing by products, and descriptors of clusters": """
votes = torch.randn(3, 8, 4, 5)
routing = torch.zeros(3, 8, 4).softmax(2)
capsules = (routing.unsqueeze(-1) * votes).sum(1)
length = (capsules**2).sum(-1, keepdim=True)
x, centres = torch.randn(2, 6, 9), torch.randn(3, 6)
soft = nn.Conv1d(6, 3, 1)(x).softmax(1)
((x.unsqueeze(1) - centres[None, :, :, None]) * soft.unsqueeze(2)).sum(-1)
""",
    "the variances of a mixture": """
x, mean = torch.randn(20, 2), torch.randn(3, 2)
shares = (-torch.cdist(x, mean)).softmax(1)
(shares[:, :, None] * (x[:, None] - mean) ** 2).sum(0) / shares.sum(0)[:, None]
(shares[:, :, None] * x[:, None]).sum(0) / shares.sum(0)[:, None]
""",
    "an einsum over these positions": """
x = torch.randn(2, 4, 3, 3).flatten(2).transpose(1, 2)
weights = torch.einsum("bid,bjd->bij", x, x).softmax(dim=2)
torch.einsum("bij,bjd->bid", weights, x)
""",
    "distributions over one axis": """
student = F.log_softmax(torch.randn(4, 5), dim=1)
F.kl_div(student, torch.randn(4, 5).softmax(dim=1))
""",
    "picked out of each distribution": """
logp = torch.log_softmax(torch.randn(3, 3), dim=-1)
logp.gather(1, torch.tensor([2, 0, 1]).unsqueeze(1))
""",
    "the last step of each sample": """
logp = torch.log_softmax(torch.randn(3, 6, 4), dim=-1)
at = torch.tensor([2, 0, 1]).view(-1, 1, 1).expand(-1, 1, 4)
logp.gather(1, at)
""",
    "a mean of ensembles in logarithms": """
logp = torch.randn(5, 6, 3).log_softmax(-1)
torch.logsumexp(logp, dim=0)
""",
    "a sum over the states before": """
alpha, transitions = torch.randn(2, 4), torch.randn(4, 4).log_softmax(dim=1)
torch.logsumexp(alpha.unsqueeze(2) + transitions, dim=1)
""",
    "cosines": """
a, b = F.normalize(torch.randn(6, 8), dim=1), F.normalize(torch.randn(6, 8))
a @ b.t()
""",
    "columns divided by their norms": """
n_samples = 6
z = torch.randn(n_samples, 4)
z = z / z.norm(dim=0, keepdim=True)
z.t() @ z
""",
    "columns of data scaled, then regressed on, and a kernel of them": """
n_samples = 6
x = torch.randn(n_samples, 4)
x = x / x.norm(dim=0, keepdim=True)
x @ torch.zeros(4)
kernel = x @ x.t()
""",
    "a classifier whose columns have length one": """
x = nn.Linear(5, 8)(torch.randn(6, 5))
weight = nn.Parameter(torch.randn(8, 3))
x @ F.normalize(weight, dim=0)
F.normalize(x) @ F.normalize(weight, dim=0)
""",
    "prototypes": """
x = F.normalize(nn.Linear(5, 8)(torch.randn(6, 5)), dim=1)
prototypes = nn.Linear(8, 3, bias=False)
with torch.no_grad():
    prototypes.weight.copy_(F.normalize(prototypes.weight, dim=1))
F.linear(x, F.normalize(prototypes.weight, dim=1))
F.normalize(prototypes.weight, dim=0) @ prototypes.weight.t()
""",
    "standardised over the batch": """
z = nn.Linear(5, 8)(torch.randn(6, 5))
z = (z - z.mean(0)) / z.std(0, keepdim=True)
z @ z.t()
""",
    "cross-correlation of two views": """
encoder = nn.Linear(5, 8)
a = F.normalize(encoder(torch.randn(6, 5)), dim=0)
b = F.normalize(encoder(torch.randn(6, 5)), dim=0)
a.t() @ b
torch.einsum("ni,nj->ij", a, b)
(a * b).sum(0)
""",
    "directions and their scatter": """
z = F.normalize(nn.Linear(5, 8)(torch.randn(6, 5)), dim=1)
z.t() @ z
""",
    "normalised both ways": """
z = nn.Linear(5, 8)(torch.randn(6, 5))
z = F.normalize(F.normalize(z, dim=1), dim=0)
z @ z.t()
""",
    "power iteration, Gram-Schmidt, leverages": """
w = nn.Linear(5, 8).weight
u = F.normalize(torch.randn(8, 1), dim=0)
v = F.normalize(w.t() @ u, dim=0)
u = F.normalize(w @ v, dim=0)
sigma = (u * (w @ v)).sum()
w - sigma * u @ v.t()
q, _ = torch.linalg.qr(torch.randn(6, 3))
q = F.normalize(q, dim=0)
q @ q.t()
(q * q).sum(1)
""",
    "attention between channels": """
x = nn.Linear(5, 8)(torch.randn(2, 6, 5)).transpose(1, 2)
q, k = F.normalize(x, dim=-1), F.normalize(x, dim=-1)
(q @ k.transpose(1, 2)).softmax(-1) @ x
""",
    "attention that is linear in the tokens": """
q, k, v = nn.Linear(5, 24)(torch.randn(2, 6, 5)).chunk(3, dim=-1)
context = F.normalize(k, dim=1).transpose(1, 2) @ v
F.normalize(q, dim=-1) @ context
""",
    "an expectation": """
heat = torch.randn(2, 3, 5).softmax(dim=2)
(heat * torch.linspace(-1, 1, 5)).sum(dim=2)
""",
    "attention": """
batch, seq_len, dim = 2, 5, 4
q = torch.randn(batch, seq_len, dim)
(q @ q.transpose(1, 2)).softmax(-1) @ q
""",
    "soft assignments": """
n, k = 8, 3
x = torch.randn(n, 4)
a = torch.softmax(torch.randn(n, k), dim=1)
centres = a.t() @ x
""",
    "soft assignments to centres that began at some of the points": """
n_samples = 9
x = torch.randn(n_samples, 2)
centres = x[torch.randperm(n_samples)[:3]]
scores = -torch.einsum("nkd,nkd->nk", x[:, None] - centres[None], x[:, None] - centres[None])
a = torch.softmax(scores, dim=1)
centres = (a[:, :, None] * x[:, None, :]).sum(0) / a.sum(0)[:, None]
""",
    "mixture of experts": """
batch, experts, dim = 6, 3, 4
gates = torch.softmax(torch.randn(batch, experts), dim=1)
out = (gates.unsqueeze(-1) * torch.randn(batch, experts, dim)).sum(1)
importance = gates.sum(0)
""",
    "probabilities under a mask": """
batch, seq_len, n_classes = 3, 5, 4
p = torch.softmax(torch.randn(batch, seq_len, n_classes), -1)
mask = torch.ones(batch, seq_len, 1)
mean = (p * mask).sum(1) / mask.sum(1)
""",
}


@pytest.mark.parametrize("program", FIRES.values(), ids=FIRES.keys())
def test_it_fires(program: str, seen: Any) -> None:
    assert "normalised-axis-not-summed" in [finding.slug for finding in seen(program)]


@pytest.mark.parametrize("program", SILENT.values(), ids=SILENT.keys())
def test_it_is_silent_on_what_looks_alike(program: str, seen: Any) -> None:
    assert [str(finding) for finding in seen(program)] == []
