"""statistic-over-all: where it fires, and what looks alike and is right."""

from __future__ import annotations

from typing import Any

import pytest

MASKED = """
mask = (torch.arange(7) < torch.tensor([7, 4, 5])[:, None]).float()
z = nn.Linear(3, 4)(torch.randn(3, 7, 3))
"""

DUELING = """
x = torch.randn(6, 5)
value, advantage = nn.Linear(5, 1)(x), nn.Linear(5, 3)(x)
"""

FIRES = {
    "a dueling network's advantages": DUELING + "q = value + advantage - advantage.mean()",
    "a dueling network's advantages, centred first": DUELING
    + """
q = value + (advantage - torch.mean(advantage))
""",
    "one number times a mask": MASKED
    + """
kl = -0.5 * torch.sum(1 + z - z.exp()) * mask
loss = kl.sum() / mask.sum()
""",
    "a loss that was averaged, times a mask": MASKED
    + """
loss = (F.mse_loss(z[..., 0], torch.rand(3, 7)) * mask).sum() / mask.sum()
""",
    "one norm for all vectors": """
z = nn.Linear(3, 4)(torch.randn(5, 3))
z = z / z.norm()
""",
    "a centroid": """
points = torch.randn(60, 2)
centroids = points[torch.randperm(60)[:3]].clone()
members = points[points[:, 0] > 0]
centroids[1] = members.mean()
""",
}

TWO_SETS = """
train, test = torch.randn(40, 6), torch.randn(5, 6)
test = test / test.norm(dim=1, keepdim=True)
"""
FIRES |= {
    "one norm for one side of a comparison": TWO_SETS
    + """
train = train / train.norm()
closest = (test @ train.t()).argmax(dim=1)
""",
    "one norm and a little, beside normalize, in letters": TWO_SETS
    + """
train = train / (train.norm() + 1e-8)
torch.einsum("qd,nd->qn", F.normalize(test, dim=-1), train)
""",
}

SILENT = {
    "advantages of each state": DUELING
    + """
q = value + advantage - advantage.mean(dim=1, keepdim=True)
r = value + (advantage - advantage.mean(-1, keepdim=True))
""",
    "data that is centred as a whole": """
x = torch.randn(6, 5)
z = nn.Linear(5, 3)(x - x.mean())
""",
    "scores, less the mean of all others": """
real, fake = nn.Linear(5, 1)(torch.randn(6, 5)), nn.Linear(5, 1)(torch.randn(6, 5))
loss = F.softplus(-(real - fake.mean())).mean()
""",
    "a baseline of all rewards": """
values, rewards = nn.Linear(5, 1)(torch.randn(6, 5)), torch.rand(6, 4)
gain = (rewards - rewards.mean()) + values
""",
    "both sides alike": TWO_SETS
    + """
(test @ (train / train.norm(dim=1, keepdim=True)).t()).argmax(dim=1), test @ train.T
query = test[0] / test[0].norm()
F.normalize(train, dim=1) @ query, (train / train.norm()) @ query
""",
    "made orthogonal, step by step": """
x = torch.randn(4, 6)
x = x / x.norm()
for _ in range(3):
    a = x @ x.T
    x = 2 * x - a @ x
""",
    "a weight scaled as a whole, an aligned kernel": """
w, x = nn.Parameter(torch.randn(4, 6)), F.normalize(torch.randn(8, 6), dim=1)
x @ (w / w.norm()).T
k, other = x @ x.T, torch.randn(8, 8)
(k / k.norm() * (other / other.norm())).sum()
""",
    "a number for each entry of the mask": MASKED
    + """
kl = -0.5 * torch.sum(1 + z - z.exp(), dim=-1) * mask
loss = (kl * mask).sum() / mask.sum()
loss = (F.mse_loss(z[..., 0], torch.rand(3, 7), reduction="none") * mask).sum() / mask.sum()
""",
    "what a mask counts scales a loss": MASKED
    + """
z.pow(2).sum() * mask.mean(), z.mean() * mask.sum(), z[..., 0] * mask.sum()
""",
    "a reward shared out over the steps": MASKED
    + """
reward = z.detach().sum() * mask / mask.sum()
""",
    "numbers of tasks, and factors that are no mask": MASKED
    + """
z.sum() * torch.rand(3, 7), z.sum() * torch.ones(3, 7), z.sum() * torch.tensor([0.0, 1.0])
z.sum() * (torch.rand(4, 4) > 0.5)
""",
    "half of what was summed before": MASKED
    + """
total = z.sum(-1)
total * mask, total.mean(1) * mask[:, 0]
""",
    "the norm of the only vector": """
z = nn.Linear(3, 4)(torch.randn(1, 3))
z = z / z.norm()
""",
    "a norm for each vector": """
z = nn.Linear(3, 4)(torch.randn(5, 3))
z = z / z.norm(dim=-1, keepdim=True)
w = torch.randn(4, 4)
w = w / w.norm()
""",
    "a centroid by columns": """
points = torch.randn(60, 2)
centroids = points[torch.randperm(60)[:3]].clone()
centroids[1] = points[points[:, 0] > 0].mean(dim=0)
""",
    "one number a row": """
images, means = torch.rand(5, 8, 8), torch.zeros(5)
means[0] = images[0].mean()
""",
    "imputation": """
x = torch.randn(6, 4)
x[2] = x.mean()
x[:, 1] = x[:, 1].mean()
""",
    "a part of each picture erased, a unit without its variation": """
images = torch.rand(5, 3, 8, 8)
noisy = images + torch.randn(5, 3, 8, 8)
noisy[0, :, 2:5, 3:6] = images.mean()
noisy[:, 1] = images.mean()
""",
    "a picture of one colour": """
images, flat = torch.rand(5, 8, 8), torch.zeros(5, 8, 8)
flat[0] = images[0].mean()
""",
}


@pytest.mark.parametrize("program", FIRES.values(), ids=FIRES.keys())
def test_it_fires(program: str, seen: Any) -> None:
    assert "statistic-over-all" in [finding.slug for finding in seen(program)]


@pytest.mark.parametrize("program", SILENT.values(), ids=SILENT.keys())
def test_it_is_silent_on_what_looks_alike(program: str, seen: Any) -> None:
    assert [str(finding) for finding in seen(program)] == []
