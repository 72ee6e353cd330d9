"""two-sided-broadcast: where it fires, and what looks alike and is right."""

from __future__ import annotations

from typing import Any

import pytest

FIRES = {
    "targets written as a row, taken from the predictions of a layer": """
targets = torch.tensor([[0.0] * 3 + [1.0] * 3])
loss = ((nn.Linear(2, 1)(torch.rand(6, 2)) - targets) ** 2).mean()
""",
    "a column of losses selected from by the mask of a step": """
step, probs = torch.randint(0, 7, (5,)), torch.rand(5, 7)
mask = torch.arange(6).unsqueeze(1) < torch.tensor([6, 5, 3, 2, 2])
nll = -torch.log(torch.gather(probs, 1, step.view(-1, 1)))
print(nll.masked_select(mask[2]).mean())
""",
    "squared errors of a column, by a function": """
errors = (nn.Linear(3, 1)(torch.randn(9, 3)) - torch.randn(9, 1)) ** 2
print(torch.masked_select(errors, torch.rand(9) > 0.5).mean())
""",
    "a turned column of predictions in an error": """
batch = 8
x, y = torch.randn(batch, 3), torch.randn(batch, 1)
((nn.Linear(3, 1)(x).T - y) ** 2).mean()
""",
    "predictions of all batches together": """
data = torch.utils.data.TensorDataset(torch.randn(8, 3), torch.randn(8))
net, preds, targets = nn.Linear(3, 1), [], []
loader = torch.utils.data.DataLoader(data, batch_size=4)
for x, y in loader:
    preds.append(net(x).detach())
    targets.append(y)
((torch.cat(preds) - torch.cat(targets)) ** 2).mean()
""",
    "accuracy of a column": """
batch = 8
y = torch.randint(0, 2, (batch, 1))
print((torch.randn(batch, 2).argmax(1) == y).float().mean())
""",
    "error of a column, nothing known": """
x, y = torch.from_numpy(__import__("numpy").random.rand(9, 2)).float(), torch.rand(9)
print(((nn.Linear(2, 1)(x) - y) ** 2).mean())
""",
    "torch.where": """
batch = 8
print(torch.where(torch.rand(batch, 1) > 0.5, torch.rand(batch), torch.rand(batch, 1)).mean())
""",
    "pairs of a column of labels, beside distances": """
x, labels = torch.randn(8, 4), torch.randint(0, 3, (8, 1))
same = (labels.unsqueeze(0) == labels.unsqueeze(1)).float()
hardest = (torch.cdist(x, x) * same).max(dim=1)[0]
""",
}

SILENT = {
    "levels of quantiles as a row, and targets as a column": """
levels = torch.tensor([[0.1, 0.5, 0.9]])
out = nn.Linear(2, 1)(torch.rand(6, 2))
gap, odd = out - levels, nn.Linear(2, 1)(torch.rand(3, 2)) * levels
loss = ((out - torch.tensor([[0.0]] * 3 + [[1.0]] * 3)) ** 2).mean()
""",
    "selections by a mask: of one shape, of rows, of columns, of pairs asked for": """
batch = 8
x, valid = torch.randn(batch, 5), torch.rand(batch) > 0.2
losses = torch.randn(batch, 1)
one = losses.squeeze(1).masked_select(valid)
two = losses.masked_select(valid.unsqueeze(1))
rows = x.masked_select(valid[:, None]).view(-1, 5)
columns = x.masked_select(torch.rand(5) > 0.2)
pairs = (x[:, None] - x[None]).abs().sum(-1).masked_select(~torch.eye(batch, dtype=torch.bool))
both = torch.arange(batch)[:, None].masked_select(valid[None, :])
""",
    "pairs beside distances, and what is asked for behind pairs": """
x, labels = torch.randn(8, 4), torch.randint(0, 3, (8,))
same = labels.unsqueeze(0) == labels.unsqueeze(1)
apart = torch.cdist(x, x) * same.float()
kinds = same.unsqueeze(-1) * torch.randn(8, 8)
nearest = same.float().max(dim=1, keepdim=True)[0] + apart
moves = x.unsqueeze(0) - x.unsqueeze(1)
moves / (moves.norm(dim=-1, keepdim=True) + 1) * same.unsqueeze(-1)
""",
    "one feature of as many steps as samples, mixed by a square": """
x = torch.randn(6, 6, 1)
nn.Linear(6, 6)(x * torch.ones(6, 6).tril())
""",
    "a column of coordinates, all pairs of it": """
at = torch.randn(6, 1)
apart = (at.unsqueeze(0) - at.unsqueeze(1)).squeeze(-1) * torch.ones(6, 6)
edges = (at[None] - at[:, None]) * torch.ones(6, 6, 1)
""",
    "all quantiles of a sample with all": """
batch_size, n_actions, n_quantiles = 5, 2, 8
net = nn.Linear(4, n_quantiles * n_actions)
q = net(torch.randn(batch_size, 4)).view(batch_size, n_quantiles, n_actions)
chosen = torch.randint(0, n_actions, (batch_size, 1, 1)).expand(batch_size, n_quantiles, 1)
ours, theirs = q.gather(2, chosen), torch.randn(batch_size, n_quantiles, 1)
td = theirs.transpose(1, 2) - ours
rewards = torch.randn(batch_size, 1)
target = rewards.unsqueeze(-1) + 0.99 * theirs.permute(0, 2, 1)
td = target - ours
""",
    "scores of all pairs of nodes, from what each is worth as either end": """
n = 8
h, a = torch.rand(n, 3) @ torch.randn(3, 4), torch.randn(8, 1)
e = F.leaky_relu(h @ a[:4] + (h @ a[4:]).T)
print(F.softmax(e, dim=1) @ h)
""",
    "positions, each with each": """
steps = 5
hidden = torch.arange(steps) <= torch.arange(steps)[:, None]
apart = torch.arange(steps) - torch.arange(steps)[:, None]
near = (torch.arange(steps).unsqueeze(1) - torch.arange(steps)).abs() < 2
""",
    "merged axes in another order": """
batch, seq = 3, 4
x = torch.randn(batch, seq)
flat = x.reshape(batch * seq)
other = torch.randn(seq, batch).reshape(batch * seq)
flat.sum() + other.sum() + (flat[:, None] - flat[None]).mean()
""",
    "pictures normalised by colour": """
batch = 3
mean, std = torch.rand(3, 1, 1), torch.rand(3, 1, 1)
x = (torch.randn(batch, 3, 8, 8) - mean) / std
""",
    "outer products written out": """
batch, d = 4, 4
a, b = torch.randn(batch, d), torch.randn(batch, d)
x = a.unsqueeze(2) * b.unsqueeze(1)
y = a[0][:, None] * b[0][None, :]
""",
    "bias and positions": """
B, T, D = 4, 6, 8
x = torch.randn(B, T, D) + torch.randn(T, D) + torch.randn(D)
""",
    "sinusoids": """
T, D = 8, 8
position = torch.arange(T).unsqueeze(1)
pe = torch.sin(position * torch.exp(torch.arange(0, D) * -0.1))
""",
    "pairwise with None on both sides": """
n = 5
x = torch.randn(n, 2)
d = ((x[:, None] - x[None, :]) ** 2).sum(-1)
""",
    "pairwise of one vector": """
batch = 6
v = torch.randn(batch)
d = v.unsqueeze(1) - v
""",
    "squared norms of a distance matrix": """
n = 6
x, y = torch.randn(n, 3), torch.randn(n, 3)
d = (x**2).sum(1, keepdim=True) + (y**2).sum(1) - 2 * x @ y.T
""",
    "padding and causal masks": """
B, T = 5, 5
pad = (torch.rand(B, T) > 0.5)[:, None, None, :]
both = pad & torch.ones(T, T).tril().bool()
""",
    "lengths against positions": """
B, T = 6, 6
mask = torch.arange(T) < torch.randint(1, T, (B,)).unsqueeze(1)
""",
    "centres that begin at some of the points": """
points = torch.randn(20, 2)
n_points, dim = points.shape
centres = points[torch.randperm(n_points)[:3]].clone()
d = ((points[:, None] - centres) ** 2).sum(-1)
""",
    "labels of a contrastive loss": """
batch = 6
labels = torch.randint(0, 3, (batch,)).view(-1, 1)
same = torch.eq(labels, labels.T)
""",
}


@pytest.mark.parametrize("program", FIRES.values(), ids=FIRES.keys())
def test_it_fires(program: str, seen: Any) -> None:
    assert "two-sided-broadcast" in [finding.slug for finding in seen(program)]


@pytest.mark.parametrize("program", SILENT.values(), ids=SILENT.keys())
def test_it_is_silent_on_what_looks_alike(program: str, seen: Any) -> None:
    assert [str(finding) for finding in seen(program)] == []


def test_what_grows_within_each_sample_is_no_proof(seen: Any) -> None:
    program = """
batch_size, seq_len = 5, 8
predicted, wanted = torch.randn(batch_size, seq_len, 1), torch.randn(batch_size, seq_len, 1)
error = 0.9 * wanted.transpose(1, 2) - predicted
flat = torch.randn(batch_size, 1) - torch.randn(batch_size)
"""
    found = [finding.severity.value for finding in seen(program)]
    assert found == ["warning", "error"]
