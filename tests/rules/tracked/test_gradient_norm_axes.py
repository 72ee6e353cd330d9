"""gradient-norm-axes: where it fires, and what looks alike and is right."""

from __future__ import annotations

from typing import Any

import pytest

CRITIC = """
grad = torch.autograd.grad
critic = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten(), nn.Linear(4 * 36, 1))
x = torch.rand(5, 3, 8, 8, requires_grad=True)
values = critic(x)
g = grad(values, x, torch.ones_like(values), create_graph=True)[0]
"""

FIRES = {
    "over channels": CRITIC + "((g.norm(2, dim=1) - 1) ** 2).mean()",
    "by hand, of a sum": CRITIC
    + """
(g,) = grad(outputs=critic(x).sum(), inputs=x, create_graph=True)
slopes = torch.sqrt(torch.sum(g ** 2, dim=(1, 2)) + 1e-12)
F.relu(slopes - 1.0).mean()
""",
    "of a sequence": """
score = nn.Sequential(nn.Flatten(), nn.Linear(28, 1))
x = torch.rand(5, 7, 4, requires_grad=True)
g = torch.autograd.grad(score(x).squeeze(1).sum(), x, create_graph=True)[0]
(g.norm(dim=-1) - 1).pow(2).mean()
""",
    "of all samples": CRITIC + "(g.norm(2) - 1) ** 2",
}

SILENT = {
    "of each sample": CRITIC
    + """
((g.flatten(1).norm(2, dim=1) - 1) ** 2).mean(), (g.view(5, -1).norm(2, 1) - 1).pow(2).mean()
((g ** 2).sum((1, 2, 3)).sqrt() - 1).pow(2).mean()
(g.pow(2).sum(1).mean((1, 2)).sqrt() - 0.1).pow(2).mean()
(torch.linalg.vector_norm(g, dim=(1, 2, 3)) - 1).pow(2).mean()
""",
    "of each point of a field": """
field = nn.Sequential(nn.Linear(3, 8), nn.Softplus(), nn.Linear(8, 1))
for shape in ((20, 3), (4, 20, 3)):
    points = torch.rand(*shape, requires_grad=True)
    d = field(points)
    g = torch.autograd.grad(d, points, torch.ones_like(d), create_graph=True)[0]
    ((g.norm(2, dim=-1) - 1) ** 2).mean()
    g = torch.autograd.grad(field(points).sum(), points, create_graph=True)[0]
    ((g.norm(2, dim=-1) - 1) ** 2).mean()
""",
    "not held to anything": CRITIC
    + """
g.pow(2).sum(1).mean(), g.norm(dim=1).max(), g.abs().sum(1)
g.norm(2, dim=1) - g.norm(2, dim=1).mean()
""",
    "of a loss, and of one sample": CRITIC
    + """
g = grad(F.mse_loss(critic(x), torch.zeros(5, 1)), x)[0]
saliency = (g.norm(dim=1) - 1).clamp(min=0)
values = critic(x[:1])
g = grad(values, x, torch.ones_like(values))[0]
g = g / g.norm()
""",
    "of weights": CRITIC
    + """
for g in grad(critic(x).sum(), list(critic.parameters())):
    g.norm() / 2
""",
}


@pytest.mark.parametrize("program", FIRES.values(), ids=FIRES.keys())
def test_it_fires(program: str, seen: Any) -> None:
    assert [finding.slug for finding in seen(program)] == ["gradient-norm-axes"]


@pytest.mark.parametrize("program", SILENT.values(), ids=SILENT.keys())
def test_it_is_silent_on_what_looks_alike(program: str, seen: Any) -> None:
    assert [str(finding) for finding in seen(program)] == []
