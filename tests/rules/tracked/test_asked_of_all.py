"""Questions asked of too much at once: all samples, all probabilities, places for classes, a batch
read as features, a width given as the height."""

from __future__ import annotations

from typing import Any

import pytest

MULTI = """
n_labels = 6
model = nn.Linear(10, n_labels)
y = (torch.randn(12, n_labels) > 0).float()
pred = (model(torch.randn(12, 10)).sigmoid() > 0.5).float()
"""
TEACHER = """
student, teacher = nn.Conv2d(1, 3, 1), nn.Conv2d(1, 3, 1)
x = torch.randn(2, 1, 4, 4)
with torch.no_grad():
    probs = teacher(x).softmax(1)
error = (student(x).softmax(1) - probs) ** 2
"""
TOKENS = """
vocab = 9
class Model(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.emb, self.head = nn.Embedding(vocab, dim), nn.Linear(dim, vocab)
    def forward(self, ids):
        return self.head(self.emb(ids))
ids = torch.randint(0, vocab, (2, 5))
s, t = Model(4)(ids), Model(6)(ids).detach()
"""
LISTS = """
from torch.utils.data import DataLoader
batch = next(iter(DataLoader([[float(i + j) for j in range(6)] for i in range(12)], 6)))
layer = nn.Linear(6, 1)
"""
PICTURE = """
new_width, new_height = 6, 4
x = torch.randn(2, 3, 8, 8)
"""

FIRES = {
    "the share of labels that are right for all": (
        "class-axis",
        f"{MULTI}\nexact = (pred == y).all(dim=0)\nexact.float().mean()",
    ),
    "the surest of all pixels": ("statistic-over-all", f"{TEACHER}\n(probs.max() * error).mean()"),
    "distributions over the tokens": (
        "class-axis",
        f"{TOKENS}\nF.kl_div(F.log_softmax(s, 1), F.softmax(t, 1))",
    ),
    "features listed by the loader": (
        "role-conflict",
        f"{LISTS}\nlayer(torch.stack(batch).float())",
    ),
    "the width first": (
        "role-conflict",
        f"{PICTURE}\nF.interpolate(x, size=(new_width, new_height))",
    ),
}

SILENT = {
    "shares of samples, gates that are learned, labels one by one": f"""{MULTI}
(pred == y).all(dim=1).float().mean(), (pred == y).float().mean(0), (pred == y).float().mean()
learned = (pred == y).all(dim=0)
print(learned.tolist(), bool(learned.all()), int((y == 1).all(dim=0).sum()))
""",
    "nothing learned of columns that are equal": """
table, other = torch.randint(0, 2, (8, 3)), torch.randint(0, 2, (8, 3))
(table == other).all(dim=0).float().mean()
""",
    "the surest of each, or of all as a bound": f"""{TEACHER}
(probs.max(dim=1, keepdim=True)[0] * error).mean(), (probs.amax(1) * error.mean(1)).mean()
loss = (error * (probs > 0.5 * probs.max())).mean(), error.mean() * probs.max()
print(probs.max().item()), probs / probs.max(), probs * probs.max(), error / probs.max()
one = torch.softmax(torch.randn(3), 0)
one.max() * student.weight[:, 0, 0, 0]
""",
    "distributions over the vocabulary": f"""{TOKENS}
F.kl_div(F.log_softmax(s, -1), F.softmax(t, -1))
F.kl_div(F.log_softmax(s.flatten(0, 1), 1), F.softmax(t.flatten(0, 1), 1))
F.kl_div(F.log_softmax(s.mT, 1), F.softmax(t.mT, 1))
F.kl_div(F.log_softmax(s[..., :1], 1), F.softmax(t[..., :1], 1))
""",
    "maps, and channels by place": """
a, b = torch.randn(2, 3, 4, 5), torch.randn(2, 3, 4, 5)
F.kl_div(F.log_softmax(a, 1), F.softmax(b, 1))
F.kl_div(F.log_softmax(a.flatten(2), 2), F.softmax(b.flatten(2), 2))
hidden = nn.Linear(5, 7)(a)
F.kl_div(hidden.log_softmax(-1), nn.Linear(5, 7)(b).softmax(-1))
""",
    "features put side by side": f"""{LISTS}
layer(torch.stack(batch, dim=1).float()), layer(torch.stack(batch).T.float())
rows = torch.stack(batch, 1).float()
layer((rows @ rows.T)), F.linear(rows.T, rows.T), rows.mean(0)
""",
    "the height first, and one size for both": f"""{PICTURE}
F.interpolate(x, size=(new_height, new_width)), F.interpolate(x, size=(new_width, new_width))
F.interpolate(x, size=(6, 4)), F.interpolate(x, scale_factor=(2.0, 3.0))
""",
    "a square": """
width, height = 5, 5
F.interpolate(torch.randn(2, 3, 8, 8), size=(width, height))
""",
    "pictures laid out by their width": """
b, c, w, h = 2, 3, 8, 6
x = torch.randn(b, c, w, h)
F.interpolate(x, size=(w * 2, h * 2))
def grow(x):
    w, h = x.shape[-2:]
    return F.interpolate(x, size=(w * 2, h * 2))
grow(torch.randn(2, 3, 4, 6))
""",
}


@pytest.mark.parametrize(("slug", "program"), FIRES.values(), ids=FIRES.keys())
def test_it_fires(slug: str, program: str, seen: Any) -> None:
    assert slug in [finding.slug for finding in seen(program)]


@pytest.mark.parametrize("program", SILENT.values(), ids=SILENT.keys())
def test_it_is_silent_on_what_looks_alike(program: str, seen: Any) -> None:
    assert [str(finding) for finding in seen(program)] == []
