"""Elements that meet in another order, found by where axes come from: what fires, what looks alike.

Axes are known here by identity and by how they came about; hardly any has a name.
"""

from __future__ import annotations

from typing import Any

import pytest

_LOADER = "from torch.utils.data import DataLoader, TensorDataset\n"
COLLATE = """
import torch
from torch import nn
from torch.utils.data import DataLoader

def collate(batch):
    xs, ys = zip(*batch)
    return torch.stack(xs, dim={dim}), torch.tensor(ys)

data = [(torch.randn(6, 3), 1.0) for _ in range(12)]
for x, y in DataLoader(data, batch_size=6, collate_fn=collate):
    nn.GRU(3, 4, batch_first={first})(x)
"""

FIRES = {
    ("role-conflict", "steps of a decoder, flattened before the batch"): """
target = torch.randint(0, 5, (8, 7))
steps = []
for t in range(1, target.shape[1]):
    steps.append(nn.Embedding(9, 5)(target[:, t]))
F.cross_entropy(torch.stack(steps).view(-1, 5), target[:, 1:].reshape(-1))
""",
    ("role-conflict", "two batches flattened in two orders"): """
stream = torch.randint(0, 5, (90,))
x = torch.stack([stream[i * 6 : i * 6 + 6] for i in range(6)])
y = torch.stack([stream[i * 6 + 1 : i * 6 + 7] for i in range(6)])
F.cross_entropy(F.one_hot(x, 5).float().view(-1, 5), y.t().reshape(-1))
""",
    ("role-conflict", "sizes without a common boundary"): """
F.cross_entropy(torch.randn(6, 8, 5).view(-1, 5), torch.randint(0, 5, (8, 6)).view(-1))
""",
    ("role-conflict", "beams beside beams laid out otherwise"): """
x = torch.randn(4, 3)
x.repeat(5, 1) * x.repeat_interleave(5, 0)
""",
    ("role-conflict", "outputs stacked in front of the samples they are compared with"): """
def run(x):
    return F.mse_loss(torch.stack([x[:, t] * 2 for t in range(x.size(1))]), x)
run(torch.randn(5, 5))
""",
    ("role-conflict", "counts of columns laid along rows"): """
docs = torch.randint(0, 9, (32, 8))
ids = docs[:8]
mask = (ids > 0).float()
(nn.Embedding(9, 4)(ids) * mask.unsqueeze(-1)).sum(1) / mask.sum(0).unsqueeze(1)
""",
    ("role-conflict", "statistics of a loader's columns laid along its rows"): _LOADER
    + """
import torch
for (x,) in DataLoader(TensorDataset(torch.randn(16, 4)), batch_size=4):
    x.sum(1) - x.mean(0)
""",
    ("role-conflict", "samples stacked along axis 1 by collate_fn"): COLLATE.format(
        dim=1, first=True
    ),
    ("two-sided-broadcast", "columns of one list of records"): """
batch = [(torch.randn(4), 0.5) for _ in range(6)]
states, rewards = zip(*batch)
values = nn.Linear(4, 3)(torch.stack(states)).max(dim=1, keepdim=True)[0]
(torch.tensor(rewards) + values).mean()
""",
    ("two-sided-broadcast", "columns picked out of records"): """
transitions = [(torch.randn(4), 0.5) for _ in range(6)]
states = torch.stack([t[0] for t in transitions])
rewards = torch.tensor([t[1] for t in transitions])
(nn.Linear(4, 1)(states) - rewards).pow(2).mean()
""",
    ("scrambling-reshape", "heads merged without a transpose, the size inferred"): """
def merge(x, heads, width):
    x = torch.softmax(x, -1) @ x.transpose(-2, -1) @ x
    return x.contiguous().view(x.size(0), -1, heads * width)
merge(torch.randn(5, 4, 12, 8), 4, 8)
""",
    ("scrambling-reshape", "windows viewed time first"): """
windows = [[float(i + t) for t in range(6)] for i in range(4)]
seq_len, batch_size = 6, 4
x = torch.tensor(windows).view(seq_len, batch_size, 1)
""",
    ("scrambling-reshape", "windows viewed time first by numbers, then read so"): """
x = torch.tensor([[0.1 * t for t in range(6)] for i in range(4)]).view(6, 4, 1)
nn.GRU(1, 3)(x)
""",
    ("scrambling-reshape", "stochastic passes viewed samples first"): """
def predict(net, x, passes):
    found = []
    for _ in range(passes):
        found.append(net(x))
    return torch.cat(found, dim=0).view(len(x), passes, -1).mean(dim=1)
predict(nn.Linear(2, 3), torch.randn(9, 2)[:6], 4)
""",
    ("scrambling-reshape", "images reshaped by numpy in a function"): """
import numpy as np
def images(n):
    pixels = np.random.rand(n, 12, 12, 3).astype(np.float32)
    return torch.from_numpy(pixels.reshape(n, 3, 12, 12))
images(6)
""",
    ("scrambling-reshape", "a table cut into windows across its columns"): """
w = torch.randn(600, 3).view(-1, 3, 50)
nn.GRU(50, 4, batch_first=True)(w)
""",
    ("scrambling-reshape", "outputs of steps joined, then viewed samples first"): """
def run(x):
    outs = []
    for t in range(6):
        outs.append(torch.relu(x[:, t]))
    return torch.cat(outs, 0).view(4, 6, 3)
run(torch.randn(4, 6, 3))
""",
    ("role-conflict", "places and scales both tiled"): """
def grid(height, width, sides):
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    centres = torch.stack([x, y], dim=-1).reshape(-1, 2).repeat(len(sides), 1)
    return centres - sides.repeat(height * width)[:, None] / 2
grid(4, 4, torch.rand(2))
""",
    ("role-conflict", "sources copied as a whole, beams of each source side by side"): """
enc, dec = nn.GRU(6, 6, batch_first=True), nn.GRU(6, 6, batch_first=True)
source, k = torch.randint(0, 9, (3, 5)), 2
_, h = enc(nn.Embedding(9, 6)(source.repeat(k, 1)))
beams = torch.stack([torch.randint(0, 9, (k, 4)) for _ in range(3)]).view(-1, 4)
dec(nn.Embedding(9, 6)(beams), h)
""",
    ("role-conflict", "memories copied as a whole, for queries side by side"): """
memory, queries = torch.randn(3, 5, 8), torch.randn(3, 2, 4, 8)
memory = torch.cat([memory] * 2)
nn.MultiheadAttention(8, 2, batch_first=True)(queries.reshape(-1, 4, 8), memory, memory)
""",
    ("role-conflict", "noise beside classes, joined"): """
z = torch.randn(5, 8).repeat_interleave(3, dim=0)
classes = torch.eye(3).repeat_interleave(5, dim=0)
torch.cat([z, classes], dim=1)
""",
    ("role-conflict", "the deviation of a group handed to another"): """
def deviation(x, size):
    batch, channels, height, width = x.shape
    groups = x.view(size, batch // size, channels, height, width)
    y = groups.var(0).mean((1, 2, 3)).view(1, -1, 1, 1, 1)
    y = y.expand(size, -1, 1, height, width).transpose(0, 1).reshape(batch, 1, height, width)
    return torch.cat([x, y], dim=1)
deviation(torch.randn(12, 5, 4, 4), 4)
""",
    ("scrambling-reshape", "copies as a whole taken apart sample by sample"): """
n_samples, draws = 6, 4
def log_weights(x):
    out = nn.Linear(5, 3)(torch.tanh(x.repeat(draws, 1))) + torch.randn(24, 1)
    return out.sum(1).view(n_samples, draws).logsumexp(1)
log_weights(torch.randn(n_samples, 5))
""",
    ("role-conflict", "labels repeated beside interleaved views"): """
a, b, labels = torch.randn(8, 4), torch.randn(8, 4), torch.arange(8)
labels.repeat(2) * torch.stack([a, b], dim=1).view(16, 4).sum(1)
""",
    ("role-conflict", "a mask flattened otherwise than what it selects from"): """
seg = torch.randint(0, 3, (4, 6, 6))
features = nn.Embedding(3, 5)(seg).transpose(1, 2)
features.reshape(-1, 5)[seg.view(-1) == 1].mean(0)
""",
    ("scrambling-reshape", "the first of many copies of classes, taken apart class by class"): """
way, shot, query = 5, 4, 3
tasks = torch.randn(20, 8)[torch.randperm(20)[:way]].repeat(shot + query, 1)
tasks[: way * shot].reshape(way, shot, -1).mean(dim=1)
""",
    ("scrambling-reshape", "images reshaped by numpy"): """
import numpy as np
images = np.random.rand(6, 12, 12, 3).astype(np.float32)
images = images.reshape(-1, 3, 12, 12)
x = torch.tensor(images)
""",
}

SILENT = {
    "a mask flattened as what it selects from": """
seg = torch.randint(0, 3, (4, 6, 6))
features = nn.Embedding(3, 5)(seg).permute(0, 3, 1, 2)
features.permute(0, 2, 3, 1).reshape(-1, 5)[seg.view(-1) == 1].mean(0)
features.permute(0, 2, 3, 1)[seg == 1].mean(0), seg[seg > 0], seg.view(-1)[seg.view(-1) > 0]
""",
    "the first and the last of many copies of the classes": """
way, shot, query = 5, 4, 3
tasks = torch.randn(20, 8)[torch.randperm(20)[:way]].repeat(shot + query, 1)
tasks[: way * shot].reshape(shot, way, -1).mean(dim=0)
support, asked = tasks.split([way * shot, way * query])
support.view(shot, way, -1).mean(0), asked.view(query, way, -1)
whole = torch.randn(6, 4, 8).view(24, 8)
whole[8:16].view(2, 4, 8), whole[3:15].view(4, 3, 8), whole[::2].view(6, 2, 8)
""",
    "steps of a decoder, the target turned": """
target = torch.randint(0, 5, (8, 7))
steps = []
for t in range(1, target.shape[1]):
    steps.append(nn.Embedding(9, 5)(target[:, t]))
F.cross_entropy(torch.stack(steps).view(-1, 5), target[:, 1:].t().reshape(-1))
F.cross_entropy(torch.stack(steps, dim=1).view(-1, 5), target[:, 1:].reshape(-1))
""",
    "all pairs": """
x = torch.randn(4, 3)
x.repeat(4, 1) - x.repeat_interleave(4, 0)
a = x.unsqueeze(1).expand(-1, 4, -1).reshape(16, 3)
b = x.unsqueeze(0).expand(4, -1, -1).reshape(16, 3)
(a - b).norm(dim=1)
y = torch.randn(5, 3)
x.repeat_interleave(5, 0) * y.repeat(4, 1)
""",
    "beams laid out in one way": """
x = torch.randn(4, 3)
x.repeat_interleave(5, 0) * torch.randn(4, 5, 3).view(20, 3)
""",
    "sources and beams side by side": """
enc, dec = nn.GRU(6, 6, batch_first=True), nn.GRU(6, 6, batch_first=True)
source, k = torch.randint(0, 9, (3, 5)), 2
_, h = enc(nn.Embedding(9, 6)(source.repeat_interleave(k, 0)))
beams = torch.stack([torch.randint(0, 9, (k, 4)) for _ in range(3)]).view(-1, 4)
out, _ = dec(nn.Embedding(9, 6)(beams), h)
out.view(3, k, 4, 6), dec(nn.Embedding(9, 6)(beams), h.view(1, 3, k, 6).reshape(1, 6, 6))
_, h = enc(nn.Embedding(9, 6)(source))
dec(nn.Embedding(9, 6)(beams), h.unsqueeze(2).expand(-1, -1, k, -1).reshape(1, -1, 6))
""",
    "memories and queries, both copied as a whole": """
memory, queries = torch.randn(3, 5, 8), torch.randn(2, 3, 4, 8)
memory = torch.cat([memory] * 2)
nn.MultiheadAttention(8, 2, batch_first=True)(queries.reshape(-1, 4, 8), memory, memory)
""",
    "every noise with every class": """
z = torch.randn(5, 8).repeat_interleave(3, dim=0)
classes = torch.eye(3).repeat(5, 1)
torch.cat([z, classes], dim=1), torch.stack([z[:, 0], classes[:, 0]])
z, classes = torch.randn(3, 8).repeat_interleave(3, 0), torch.eye(3).repeat(3, 1)
torch.cat([z, classes], dim=1)
""",
    "the deviation of its own group, by groups of either kind": """
def deviation(x, size):
    batch, channels, height, width = x.shape
    y = x.view(size, batch // size, channels, height, width).var(0).mean((1, 2, 3))
    y = y.view(-1, 1, 1, 1).repeat(size, 1, height, width)
    return torch.cat([x, y], dim=1)
deviation(torch.randn(12, 5, 4, 4), 4)
def neighbours(x, size):
    n = x.shape[0] // size
    y = x.view(n, size, -1).var(1).mean(1).repeat_interleave(size).view(-1, 1)
    z = x.view(n, size, -1).mean(1, keepdim=True).expand(-1, size, -1).reshape(x.shape)
    return torch.cat([x, y], dim=1), x - z
neighbours(torch.randn(12, 5), 4)
""",
    "channels shuffled beside themselves": """
def shuffled(x, groups):
    batch, channels, height, width = x.shape
    x = x.view(batch, groups, channels // groups, height, width)
    return x.transpose(1, 2).reshape(batch, channels, height, width)
x = nn.Conv2d(3, 12, 1)(torch.randn(2, 3, 4, 4))
x + shuffled(x, 3), torch.cat([x, shuffled(x, 4)], dim=0)
""",
    "copies as a whole taken apart as a whole": """
n_samples, draws = 6, 4
def log_weights(x):
    out = nn.Linear(5, 3)(torch.tanh(x.repeat(draws, 1))) + torch.randn(24, 1)
    return out.sum(1).view(draws, n_samples).logsumexp(0)
log_weights(torch.randn(n_samples, 5))
""",
    "places repeated, scales tiled": """
def grid(height, width, sides):
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    centres = torch.stack([x, y], dim=-1).reshape(-1, 2).repeat_interleave(len(sides), dim=0)
    return centres - sides.repeat(height * width)[:, None] / 2
grid(4, 4, torch.rand(2)), grid(3, 4, torch.rand(12)), grid(4, 4, torch.rand(3))
""",
    "pixels of images merged in steps": """
x, y = torch.randn(4, 6, 8, 3), torch.randn(4, 48, 3)
(x.flatten(0, 2) - y.flatten(0, 1)).mean()
""",
    "an adjacency that was given": """
a = (torch.rand(6, 6) > 0.5).float()
degree = a.sum(0) + a.sum(1)
part = a[:4, :4]
part.sum(0) + part.sum(1)
""",
    "a kernel of the training samples beside all": """
k = torch.rand(6, 9)
y = torch.ones(6)
(k[:, :6] * y[:, None] * y[None]).sum()
""",
    "samples stacked along the batch by collate_fn": COLLATE.format(dim=0, first=True),
    "samples stacked time first by collate_fn": COLLATE.format(dim=1, first=False),
    "columns of one list of records, laid along each other": """
batch = [(torch.randn(4), 0.5) for _ in range(6)]
states, rewards = zip(*batch)
values = nn.Linear(4, 3)(torch.stack(states)).max(dim=1)[0]
(torch.tensor(rewards) + values).mean()
rows = list(zip(*batch))
rewards = torch.tensor(rows[1]).unsqueeze(1) + nn.Linear(4, 1)(torch.stack(rows[0]))
""",
    "several passes of one input": """
n_samples = 4
x = torch.randn(6, 3)
passes = torch.stack([nn.Dropout()(x) for _ in range(n_samples)])
passes.mean(0), passes.var(0)
torch.cat([nn.Dropout()(x) for _ in range(n_samples)]).view(n_samples, 6, 3)
""",
    "heads turned before they are merged": """
def merge(x, heads, width):
    x = torch.softmax(x, -1) @ x.transpose(-2, -1) @ x
    return x.transpose(1, 2).contiguous().view(x.size(0), -1, heads * width)
merge(torch.randn(5, 4, 12, 8), 4, 8)
""",
    "heads folded into a batch of the width of a head": """
steps, batch, dim, heads = 10, 4, 32, 8
q = nn.Linear(dim, dim)(torch.randn(steps, batch, dim))
q.contiguous().view(steps, batch * heads, dim // heads).transpose(0, 1)
""",
    "a lesson on views": """
x = torch.randn(2, 3, 4)
x.view(4, 6), x.view(6, 4), x.view(2, -1), torch.randn(2, 3).view(3, 2)
""",
    "patches merged and split": """
x = nn.Conv2d(3, 8, 1)(torch.randn(2, 3, 8, 8))
p = x.view(2, 8, 2, 4, 2, 4).permute(0, 2, 4, 1, 3, 5).reshape(2, 4, -1)
g = x.view(2, 4, -1).std(-1)
""",
    "images put in order by numpy": """
import numpy as np
flat = np.random.rand(6, 3 * 8 * 8).astype(np.float32)
x = torch.tensor(flat.reshape(6, 3, 8, 8))
y = torch.tensor(np.transpose(flat.reshape(6, 3, 8, 8), (0, 2, 3, 1)))
z = torch.tensor(np.arange(24).reshape(2, 3, 4).reshape(4, 3, 2))
""",
    "two clusters and their labels": """
n = 5
x = torch.cat([torch.randn(n, 2) - 2, torch.randn(n, 2) + 2])
y = torch.cat([torch.zeros(n), torch.ones(n)])
labels = torch.arange(2).repeat_interleave(n)
order = torch.randperm(2 * n)
F.mse_loss(x.sum(1)[order], y[order]), (y - labels).sum()
""",
    "outputs of batches joined": """
x, y = torch.randn(12, 3), torch.randn(12)
net = nn.Linear(3, 1)
out = torch.cat([net(x[i : i + 4]) for i in range(0, 12, 4)]).squeeze(1)
outs = []
for rows in x.chunk(3):
    outs.append(net(rows))
((out - y) ** 2).mean() + ((torch.cat(outs).view(-1) - y) ** 2).mean()
""",
    "outputs of steps joined and viewed steps first": """
def run(x):
    outs = []
    for t in range(6):
        outs.append(torch.relu(x[:, t]))
    return torch.cat(outs, 0).view(6, 4, 3).transpose(0, 1) + x
run(torch.randn(4, 6, 3))
""",
    "frames stacked by threes": """
def stack(mel, factor):
    batch, frames, bands = mel.shape
    return mel.reshape(batch, frames // factor, factor * bands)
nn.GRU(15, 6, batch_first=True)(stack(torch.randn(4, 12, 5), 3))
""",
    "segments as samples": """
batch, seq_len, parts = 4, 12, 3
x = torch.randn(batch, seq_len).view(batch * parts, seq_len // parts)
""",
    "relative shift": """
def shift(x):
    batch, heads, queries, offsets = x.shape
    x = torch.cat([x.new_zeros(batch, heads, queries, 1), x], dim=3)
    return x.view(batch, heads, offsets + 1, queries)[:, :, 1:].reshape(batch, heads, queries, -1)
shift(torch.randn(2, 3, 4, 9)), shift(torch.randn(2, 3, 6, 6))
""",
    "relative shift, time first": """
def shift(x):
    padded = torch.cat([torch.zeros(x.size(0), 1, *x.size()[2:]), x], dim=1)
    return padded.view(x.size(1) + 1, x.size(0), *x.size()[2:])[1:].view_as(x)
shift(torch.randn(4, 9, 2, 3))
""",
    "a chain of tags with a table of moves": """
class Chain(nn.Module):
    def __init__(self, tags):
        super().__init__()
        self.first = nn.Parameter(torch.randn(tags))
        self.moves = nn.Parameter(torch.randn(tags, tags))
    def forward(self, emissions, tags):
        moved = self.moves[tags[:, :-1], tags[:, 1:]].sum(dim=1)
        score = self.first[tags[:, 0]] + emissions.gather(2, tags.unsqueeze(2)).sum((1, 2)) + moved
        alpha = best = self.first + emissions[:, 0]
        for t in range(1, emissions.size(1)):
            paths = alpha.unsqueeze(2) + self.moves + emissions[:, t].unsqueeze(1)
            alpha = paths.logsumexp(dim=1)
            best = (best.unsqueeze(2) + self.moves).max(dim=1)[0] + emissions[:, t]
        return score - alpha.logsumexp(dim=1)
batch, tags = 5, 5
Chain(tags)(torch.randn(batch, 6, tags), torch.randint(0, tags, (batch, 6)))
""",
    "a square made symmetric": """
def symmetric(a):
    n, m = a.shape
    b = a + torch.eye(n)
    return (b + a.t()) / 2, torch.maximum(b, a.t())
symmetric(torch.rand(5, 5))
""",
    "rewards gathered step by step": """
rewards, log_probs = [], []
for step in range(7):
    log_probs.append(torch.randn(()))
    rewards.append(0.5)
returns, total = [], 0.0
for r in reversed(rewards):
    total = r + 0.9 * total
    returns.insert(0, total)
(torch.stack(log_probs) * torch.tensor(returns)).sum()
""",
}


@pytest.mark.parametrize(("case", "program"), FIRES.items(), ids=[name for _, name in FIRES])
def test_it_fires(case: tuple[str, str], program: str, seen: Any) -> None:
    assert case[0] in [finding.slug for finding in seen(program)]


@pytest.mark.parametrize("program", SILENT.values(), ids=SILENT.keys())
def test_it_is_silent_on_what_looks_alike(program: str, seen: Any) -> None:
    assert [str(finding) for finding in seen(program)] == []
