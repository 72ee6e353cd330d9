"""role-conflict: where it fires, and what looks alike and is right."""

from __future__ import annotations

from typing import Any

import pytest

ATTEND = """
def attend(q, k, lengths, at):
    b, t, d = q.shape
    q, k = (nn.Linear(d, d)(x).view(b, t, n_heads, -1).transpose(1, 2) for x in (q, k))
    valid = torch.arange(t)[None, :] < lengths[:, None]
    mask = valid[:, None, :] & torch.ones(t, t).tril().bool()
    return (q @ k.transpose(2, 3)).masked_fill(~(mask if at is None else mask.unsqueeze(at)), -1e9)
n_heads, x = 3, torch.randn(3, 5, 6)
"""

FIRES = {
    "features pooled in place of nodes": """
n_graphs, n_nodes, hidden = 6, 8, 8
first, last = nn.Linear(4, hidden), nn.Linear(hidden, 2)
last(first(torch.randn(n_graphs, n_nodes, 4)).mean(-1))
""",
    "distances summed over the samples, compared with one label a sample": """
batch_size = 6
lstm, label = nn.LSTM(3, 6, batch_first=True), torch.rand(batch_size)
_, (one, _) = lstm(torch.randn(batch_size, 4, 3))
_, (other, _) = lstm(torch.randn(batch_size, 5, 3))
F.mse_loss(torch.exp(-torch.norm(one - other, p=1, dim=1)).squeeze(0), label)
""",
    "a mask of samples laid along the heads": ATTEND
    + "attend(x, x, torch.tensor([5, 2, 4]), None)",
    "a stream cut across the batch, in numbers": """
stream = torch.sin(torch.arange(600) * 0.1)
nn.LSTM(1, 6)(stream.view(20, 30, 1))
""",
    "cut to another number than that of the axis it meets": """
def attend(w, table):
    qlen, klen = w.size(0), table.size(0)
    mask = torch.ones(qlen, klen)
    rows = table[:4]
    return rows * mask[:, :1]
attend(torch.randn(4, 3), torch.randn(10, 3))
""",
    "pooled along the features": """
out, _ = nn.GRU(3, 6, batch_first=True)(torch.randn(4, 5, 3))
F.adaptive_max_pool1d(out, 1)
""",
    "whole steps dropped for channels": """
x = nn.Embedding(9, 4)(torch.randint(0, 9, (6, 5)))
nn.LSTM(4, 8, batch_first=True)(nn.Dropout1d(0.3)(x))
""",
    "sizes of an array": """
import numpy as np
n_samples, seq_len, n_features = 6, 5, 3
data = np.random.randn(n_samples, seq_len, n_features).astype("float32")
nn.GRU(3, 4)(torch.from_numpy(data).float())
""",
    "steps compared with the labels of samples": """
batch_size, seq_len = 5, 5
logits = torch.randn(batch_size, seq_len, 3).mean(dim=0)
F.cross_entropy(logits, torch.randint(0, 3, (batch_size,)))
""",
    "padded time first, read batch first": """
from torch.nn.utils.rnn import pad_sequence
x = pad_sequence([torch.randn(n, 3) for n in (5, 3, 4)])
nn.LSTM(3, 4, batch_first=True)(x)
""",
    "degrees of nodes laid along features": """
num_nodes, in_feats = 6, 6
adj = torch.ones(num_nodes, num_nodes)
x = adj @ torch.randn(num_nodes, in_feats) / adj.sum(1)
""",
    "a mask laid along the features": """
ids = torch.tensor([[4, 7, 2, 9], [5, 1, 0, 0]])
x = nn.Embedding(10, 4)(ids)
x * (ids != 0).float().unsqueeze(1)
""",
    "two axes of one tensor that meet": """
def total(x):
    n_sets, set_size, _ = x.shape
    return x.sum(dim=0) - x.max(dim=1).values
total(torch.rand(6, 6, 3))
""",
    "features contracted with positions": """
B, L, D = 2, 6, 6
values = torch.randn(B, L, D)
weights = torch.softmax(torch.bmm(values, values.transpose(1, 2)), dim=2)
torch.bmm(values, weights)
""",
    "a step written into a sample": """
num_steps, num_envs = 5, 5
returns, last = torch.zeros(num_steps, num_envs), torch.zeros(num_envs)
for t in range(num_steps):
    returns[:, t] = last
""",
    "labels scattered along the batch": """
batch_size, num_classes = 6, 6
labels = torch.randint(0, num_classes, (batch_size,))
torch.zeros(batch_size, num_classes).scatter_(0, labels.unsqueeze(0), 1.0)
""",
    "a batch norm made for the features": """
hidden = 8
nn.BatchNorm1d(hidden)(nn.Linear(3, hidden)(torch.randn(4, 8, 3)))
""",
    "ctc of a batch first network": """
B, T, C = 4, 4, 6
logits = torch.randn(B, T, C).log_softmax(2)
lengths = torch.full((B,), T)
nn.CTCLoss()(logits, torch.randint(1, C, (B, 2)), lengths, torch.full((B,), 2))
""",
    "pooling over channels": """
batch, time_steps, channels = 4, 12, 6
F.avg_pool1d(torch.randn(batch, time_steps, channels), 2)
""",
    "rows spread along the columns": """
def coordinates(images):
    batch, _, height, width = images.shape
    rows = torch.linspace(-1, 1, height)[None, :].expand(batch, 1, height, width)
    return torch.cat([images, rows], dim=1)
coordinates(torch.randn(2, 3, 6, 6))
""",
    "a stream cut across a count of streams": """
def streams(tokens, count):
    time = tokens.size(0) // count
    return tokens[: time * count].view(time, count)
nn.GRU(6, 4)(nn.Embedding(9, 6)(streams(torch.arange(41) % 9, 4)))
""",
    "a stream cut across the batch": """
stream = torch.arange(40)
bsz = 4
data = stream.view(10, bsz)
nn.LSTM(3, 5)(nn.Embedding(40, 3)(data))
""",
    "loader into an LSTM": """
from torch.utils.data import DataLoader, TensorDataset
for (x,) in DataLoader(TensorDataset(torch.randn(6, 5, 3)), batch_size=3):
    nn.GRU(3, 4)(x)
""",
    "windows of images as steps": """
x = torch.randn(2, 8, 6, 6)
b, c, h, w = x.shape
rows = x.view(b, c, h // 2, 2, w).permute(0, 2, 3, 4, 1).reshape(-1, 2 * w, c)
nn.MultiheadAttention(8, 2)(rows, rows, rows)
""",
    "series of each sample as steps": """
batch_size, seq_len, n_series = 4, 7, 3
x = torch.randn(batch_size, n_series, seq_len, 5)
nn.GRU(5, 6)(x.view(batch_size * n_series, seq_len, 5))
""",
    "attention without batch_first": """
batch_size, seq_len, dim = 3, 5, 8
x = torch.randn(batch_size, seq_len, dim)
nn.MultiheadAttention(dim, 2)(x, x, x)
""",
    "batch first, then time first": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(4, 8, batch_first=True)
        self.attention = nn.MultiheadAttention(8, 2)
    def forward(self, x):
        out, _ = self.rnn(x)
        return self.attention(out, out, out)[0]
Net()(torch.randn(3, 5, 4))
""",
    "a layer made for another axis": """
batch, words, embed_dim = 3, 6, 6
x = torch.randn(batch, words, embed_dim)
nn.Conv1d(embed_dim, 5, 3)(x)
""",
    "axes exchanged before a loss": """
batch, steps = 4, 4
pred, target = torch.randn(steps, batch), torch.randn(batch, steps)
F.mse_loss(pred, target)
""",
}

FIRES["machines and time steps, counted in a comment"] = """
x = torch.randn(6, 9, 4)  # 6 machines, 9 time steps
nn.GRU(4, 5)(x)
"""
FIRES["houses and hours, with what is listed of each"] = """
x = torch.randn(6, 24, 3)  # (houses, hours, [kW, temp, price])
nn.LSTM(3, 5)(x)
"""
FIRES["houses and hours by the names of their sizes"] = """
n_houses, n_hours = 6, 24
nn.LSTM(3, 5)(torch.rand(n_houses, n_hours, 3))
"""
FIRES["one step more than the sequence has"] = """
n_houses, seq_len = 6, 24
nn.LSTM(3, 5)(torch.rand(n_houses, seq_len + 1, 3)[:, :-1])
"""
FIRES["a cell that is given the hours of one house"] = """
n_houses, n_hours = 6, 24
load, cell = torch.rand(n_houses, n_hours + 1, 3), nn.LSTMCell(3, 5)
h = c = torch.zeros(n_hours, 5)
for t in range(n_houses):
    h, c = cell(load[t, :-1], (h, c))
"""

FIRES["windows along the vector of each token"] = """
words = nn.Embedding(50, 12)(torch.randint(0, 50, (4, 12)))
nn.Conv1d(12, 6, 3)(words).relu().amax(-1)
"""

SILENT = {
    "windows along the tokens, and tokens as channels": """
words = nn.Embedding(50, 12)(torch.randint(0, 50, (4, 12)))
nn.Conv1d(12, 6, 3)(words.transpose(1, 2)), nn.Conv1d(12, 6, 1)(words)
few = nn.Embedding(50, 12)(torch.randint(0, 50, (4, 9)))
nn.Conv1d(9, 6, 3)(few)
""",
    "counts in comments that are right, or about something else": """
x = torch.randn(6, 9, 4)  # 6 machines, 9 time steps
nn.GRU(4, 5, batch_first=True)(x)
y = torch.randn(9, 6, 4)  # 9 time steps of 6 machines
nn.GRU(4, 5)(y)
z = torch.randn(9, 6, 4)  # sampled for 6 hours, 4 readings, 30 days
nn.GRU(4, 5)(z)
same = torch.randn(6, 6, 4)  # 6 hours
nn.GRU(4, 5)(same)
""",
    "days of hours, hours of days, and days beside stations": """
n_days, n_hours, n_stations = 6, 24, 5
nn.LSTM(3, 5, batch_first=True)(torch.rand(n_days, n_hours, 3))
nn.LSTM(3, 5)(torch.rand(n_days, n_hours, 3))
nn.LSTM(3, 5)(torch.rand(n_days, n_stations, 3))
nn.LSTM(3, 5, batch_first=True)(torch.rand(n_stations, n_days, 3))
table = torch.rand(n_days, n_hours, 3)  # (days, hours, values)
nn.LSTM(3, 5, batch_first=True)(table)
""",
    "stations that attend to one another, hour by hour": """
n_stations, n_hours = 6, 24
x = torch.rand(n_stations, n_hours, 4)
nn.MultiheadAttention(4, 2)(x, x, x)
""",
    "a few more than the classes, the samples, the letters": """
num_classes, batch_size, n = 5, 4, 7
nn.LSTM(3, 5)(torch.rand(num_classes + 1, batch_size, 3))
nn.LSTM(3, 5)(torch.rand(n + 1, batch_size - 1, 3))
nn.LSTMCell(3, 5)(torch.rand(n + 1, 3))
""",
    "nodes pooled, features pooled for a layer of nodes": """
n_graphs, n_nodes, hidden = 6, 8, 8
first, last, mixing = nn.Linear(4, hidden), nn.Linear(hidden, 2), nn.Linear(n_nodes, 2)
x = first(torch.randn(n_graphs, n_nodes, 4))
last(x.mean(1)), last(x.sum(dim=-2)), mixing(x.mean(-1)), mixing(x.max(2).values)
""",
    "distances summed over the hidden units, compared with one label a sample": """
batch_size = 6
lstm, label = nn.LSTM(3, 6, batch_first=True), torch.rand(batch_size)
_, (one, _) = lstm(torch.randn(batch_size, 4, 3))
_, (other, _) = lstm(torch.randn(batch_size, 5, 3))
F.mse_loss(torch.exp(-torch.norm(one - other, p=1, dim=2)).squeeze(0), label)
means = nn.Linear(3, 6)(torch.randn(batch_size, 3)).mean(0)
means - nn.Linear(3, 6)(torch.randn(batch_size, 3)), F.mse_loss(means, torch.randn(6))
""",
    "one size for everything, and time first": """
k = 4
x = torch.randn(6, k, k)
(x + nn.Linear(k, k)(x.transpose(1, 2)).transpose(1, 2)).sum()
nn.Linear(k, k)(nn.LSTM(k, k)(x.transpose(0, 1))[0])
""",
    "pairs of users and items that were drawn": """
n_users, n_items, k = 6, 6, 3
liked, seen = torch.rand(n_users, n_items), torch.rand(n_users, n_items) < 0.5
users, items = torch.randn(n_users, k), torch.randn(n_items, k)
u, i = torch.randint(n_users, (5,)), torch.randint(n_items, (5,))
(users[u] * items[i]).sum(1), users.index_select(0, u) - items.index_select(0, i)
""",
    "a grid by columns and rows, of a square picture": """
H, W = 8, 8
i, j = torch.meshgrid(torch.arange(W).float(), torch.arange(H).float(), indexing="xy")
print((torch.stack([i, j], -1) - torch.rand(H, W, 2)).mean())
""",
    "one step of one sample, by a view": """
embedding, rnn, tokens = nn.Embedding(9, 8), nn.LSTM(8, 8), torch.randint(9, (4, 5))
for inp in (tokens, tokens[:1]):
    batch_size = inp.size(0)
    for t in range(5):
        output, state = rnn(embedding(inp[:, t]).view(1, batch_size, -1))
        print(output.view(batch_size, -1))
""",
    "a mask of samples, one for all heads": ATTEND + "attend(x, x, torch.tensor([5, 2, 4]), 1)",
    "spans of heads, queries at their positions": """
n_heads, seq_len = 3, 5
scores = torch.randn(3, n_heads, seq_len, seq_len)
head_lens, position = torch.tensor([2, 3, 5]), torch.tensor([0, 1, 2, 3, 4])
near = torch.arange(seq_len)[None] < head_lens[:, None]
past = torch.arange(seq_len)[None] <= position[:, None]
print(scores.masked_fill(~near[None, :, None], -1e9).masked_fill(~past, -1e9).shape)
""",
    "sentences of a document, each with its length": """
words, lengths = torch.randn(4, 6, 3), torch.tensor([6, 2, 5, 3])
mask = torch.arange(6)[None] < lengths[:, None]
sentences = (words * mask.unsqueeze(-1)).sum(1) / lengths[:, None]
nn.GRU(3, 5, batch_first=True)(sentences.unsqueeze(0)), nn.GRU(3, 5)(sentences.unsqueeze(1))
""",
    "rows and columns of a square picture": """
def coordinates(images):
    batch, _, height, width = images.shape
    rows = torch.linspace(-1, 1, height)[:, None].expand(batch, 1, height, width)
    columns = torch.linspace(-1, 1, width).expand(batch, 1, height, width)
    return torch.cat([images, rows, columns], dim=1)
coordinates(torch.randn(2, 3, 6, 6))
""",
    "one size by two names": """
batch_size, seq_len, max_len, dim = 3, 5, 5, 4
positions = torch.arange(max_len).expand(batch_size, seq_len)
table = torch.randn(max_len, dim).expand(batch_size, seq_len, dim)
""",
    "all pairs, by sizes of both": """
def pairs(x):
    n, d = x.shape
    return x[None].expand(n, n, d) - x[:, None].expand(n, n, d)
pairs(torch.randn(5, 4))
""",
    "a table of days and hours, each hour a series over the days": """
hourly = torch.randn(28 * 24).view(28, 24, 1)
out, _ = nn.LSTM(1, 6)(hourly)
days, hours = 28, 24
table = torch.randn(28, 24).reshape(672).view(days, hours, 1)
nn.LSTM(1, 6)(table)
""",
    "keys cut to as many as there are queries, beside a mask of both": """
def attend(w, mem):
    qlen, bsz = w.size(0), w.size(1)
    heads = nn.Linear(8, 8)(torch.cat([mem, w], 0))
    q, klen = heads[-qlen:], heads.size(0)
    score = torch.einsum("ibd,jbd->ijb", q, heads)
    mask = torch.triu(torch.ones(qlen, klen), diagonal=1 + klen - qlen).bool()
    return score.masked_fill(mask[:, :, None], -1e30).softmax(1)
attend(torch.randn(4, 3, 8), torch.randn(6, 3, 8))
attend(torch.randn(5, 3, 8), torch.randn(0, 3, 8))
""",
    "windows and series as samples": """
x = torch.randn(2, 8, 6, 6)
b, c, h, w = x.shape
rows = x.view(b, c, h // 2, 2, w).permute(0, 2, 3, 4, 1).reshape(-1, 2 * w, c)
nn.MultiheadAttention(8, 2, batch_first=True)(rows, rows, rows)
turned = rows.transpose(0, 1)
nn.MultiheadAttention(8, 2)(turned, turned, turned), nn.GRU(8, 4)(turned)
""",
    "all tokens of all samples as one sequence": """
batch_size, seq_len, dim = 4, 5, 8
x = torch.randn(batch_size, seq_len, dim)
one = x.reshape(1, batch_size * seq_len, dim)
nn.MultiheadAttention(dim, 2, batch_first=True)(one, one, one)
nn.GRU(dim, 3)(one[0]), nn.GRU(dim, 3)(x.view(batch_size * seq_len, 1, dim))
""",
    "a space of rows and columns as steps": """
x = torch.randn(2, 8, 6, 6)
b, c, h, w = x.shape
tokens = x.flatten(2).permute(2, 0, 1)
nn.MultiheadAttention(c, 2)(tokens, tokens, tokens)
nn.TransformerEncoderLayer(c, 2, 16, batch_first=True)(x.flatten(2).transpose(1, 2))
""",
    "pooled along time": """
out, _ = nn.GRU(3, 6, batch_first=True)(torch.randn(4, 5, 3))
F.adaptive_max_pool1d(out.transpose(1, 2), 1)
F.max_pool1d(torch.relu(nn.Conv1d(3, 6, 3)(torch.randn(4, 3, 9))), 2)
""",
    "whole channels dropped": """
x = nn.Embedding(9, 4)(torch.randint(0, 9, (6, 5)))
x = nn.Dropout1d(0.3)(x.transpose(1, 2)).transpose(1, 2)
nn.LSTM(4, 8, batch_first=True)(x), nn.Dropout2d()(nn.Conv2d(3, 4, 3)(torch.randn(2, 3, 8, 8)))
""",
    "sizes of an array, batch first": """
import numpy as np
n_samples, seq_len, n_features = 6, 5, 3
data = np.zeros((n_samples, seq_len, n_features), dtype="float32")
nn.GRU(3, 4, batch_first=True)(torch.from_numpy(data))
data = torch.from_numpy(data.transpose(1, 0, 2).copy())
nn.GRU(3, 4)(data)
""",
    "padded, packed and padded again": """
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence
x = pad_sequence([torch.randn(n, 3) for n in (5, 3, 4)], batch_first=True)
packed = pack_padded_sequence(x, torch.tensor([5, 3, 4]), batch_first=True, enforce_sorted=False)
out, h = nn.GRU(3, 4, batch_first=True)(packed)
out, n = pad_packed_sequence(out, batch_first=True)
nn.GRU(4, 2, batch_first=True)(out)
""",
    "weights of classes looked up by labels": """
num_classes, batch_size = 5, 5
alpha = torch.rand(num_classes)
labels = torch.tensor([1, 0, 4, 2, 2])
loss = torch.randn(batch_size) * alpha[labels]
""",
    "a symmetric normalisation": """
a = (torch.rand(5, 5) > 0.5).float() + torch.eye(5)
d = a.sum(dim=1).pow(-0.5)
s = d[:, None] * a * d[None, :]
""",
    "a residual of equal sizes": """
batch, d_in, d_out = 3, 6, 6
w = torch.randn(d_in, d_out)
x = torch.randn(batch, d_in)
y = x + x @ w
""",
    "sums of rows and of columns": """
k = 4
confusion = torch.zeros(k, k)
union = confusion.sum(0) + confusion.sum(1) - confusion.diag()
""",
    "weights of positions in an energy": """
B, L, D = 2, 6, 6
x = torch.randn(B, L, D)
energy = x @ x.transpose(1, 2)
out = torch.softmax(energy, dim=2) @ x
""",
    "a stream cut into rows, then transposed": """
stream = torch.arange(40)
bsz = 4
data = stream.view(bsz, 10).t().contiguous()
nn.LSTM(3, 5)(nn.Embedding(40, 3)(data))
""",
    "pooling after a transpose": """
batch, time_steps, channels = 4, 12, 6
F.avg_pool1d(torch.randn(batch, time_steps, channels).transpose(1, 2), 2)
""",
    "labels scattered along the classes": """
batch_size, num_classes = 6, 6
labels = torch.randint(0, num_classes, (batch_size,))
torch.zeros(batch_size, num_classes).scatter_(1, labels.unsqueeze(1), 1.0)
""",
    "loader with batch_first": """
from torch.utils.data import DataLoader, TensorDataset
for (x,) in DataLoader(TensorDataset(torch.randn(6, 5, 3)), batch_size=3):
    nn.GRU(3, 4, batch_first=True)(x)
""",
    "time first on purpose": """
seq_len, batch_size, dim = 5, 3, 8
x = torch.randn(seq_len, batch_size, dim)
out, _ = nn.LSTM(dim, 4)(x)
nn.TransformerEncoderLayer(dim, 2)(x)
""",
    "a transpose in between": """
batch_size, seq_len, dim = 3, 5, 8
x = torch.randn(batch_size, seq_len, dim)
nn.LSTM(dim, 4)(x.transpose(0, 1))
""",
    "a matrix made symmetric": """
nodes = 5
a = torch.rand(5, 5)
s = (a + a.t()) / 2
""",
    "attention along either axis": """
rows, cols, dim = 4, 4, 8
x = torch.randn(rows, cols, dim)
x = nn.MultiheadAttention(dim, 2)(x, x, x)[0].transpose(0, 1)
x = nn.MultiheadAttention(dim, 2)(x, x, x)[0].transpose(0, 1)
""",
    "mixing over time": """
batch, seq_len, dim = 3, 6, 6
x = torch.randn(batch, seq_len, dim)
y = nn.Linear(seq_len, seq_len)(x.transpose(1, 2)).transpose(1, 2)
""",
    "number of sequences": """
n_seq, n_steps = 4, 5
nn.RNN(2, 3, batch_first=True)(torch.randn(n_seq, n_steps, 2))
""",
}


@pytest.mark.parametrize("program", FIRES.values(), ids=FIRES.keys())
def test_it_fires(program: str, seen: Any) -> None:
    assert "role-conflict" in [finding.slug for finding in seen(program)]


@pytest.mark.parametrize("program", SILENT.values(), ids=SILENT.keys())
def test_it_is_silent_on_what_looks_alike(program: str, seen: Any) -> None:
    assert [str(finding) for finding in seen(program)] == []


ROWS = """
loader = DataLoader(TensorDataset(torch.randn(15, 12)), batch_size=5)
for (x,) in loader:
    {layer}(x.unsqueeze(0))
"""


@pytest.mark.parametrize(
    ("layer", "severity"),
    [
        ("nn.GRU(12, 4, batch_first=True)", "error"),
        ("nn.TransformerEncoderLayer(12, 2, batch_first=True)", "warning"),
    ],
)
def test_samples_that_attend_to_each_other_may_be_meant(
    layer: str, severity: str, seen: Any
) -> None:
    opening = "import torch\nfrom torch import nn\n"
    opening += "from torch.utils.data import DataLoader, TensorDataset\n"
    found = seen(opening + ROWS.format(layer=layer))
    assert [(f.slug, f.severity.value) for f in found] == [("role-conflict", severity)]
