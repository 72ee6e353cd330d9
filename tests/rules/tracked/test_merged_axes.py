"""Axes merged, `time * env` or `rows * columns`: what is known of their parts still counts."""

from __future__ import annotations

from typing import Any

import pytest

FIRES = {
    "actions picked of merged rows that compete": (
        "normalised-axis-not-summed",
        """
n_steps, n_envs, n_actions = 6, 4, 3
seen, taken = torch.randn(n_steps, n_envs, 5), torch.randint(0, n_actions, (n_steps, n_envs))
logs = nn.Linear(5, n_actions)(seen.flatten(0, 1)).log_softmax(dim=0)
logs.gather(1, taken.flatten().unsqueeze(1))
""",
    ),
}

SILENT = {
    "actions picked of rows that are merged": """
n_steps, n_envs, n_actions = 6, 4, 3
seen, taken = torch.randn(n_steps, n_envs, 5), torch.randint(0, n_actions, (n_steps, n_envs))
logs = nn.Linear(5, n_actions)(seen.flatten(0, 1)).log_softmax(dim=1)
logs.gather(1, taken.flatten().unsqueeze(1))
""",
    "one step of all, for merged rows": """
batch, beams, steps, vocab = 2, 3, 5, 7
logs = torch.randn(batch * beams, steps, vocab).log_softmax(dim=-1)
last = torch.tensor([4, 3, 2, 4, 1, 0])
logs.gather(1, last.view(-1, 1, 1).expand(-1, 1, vocab))
""",
    "where and when, each in its place": """
frames, height, width = 4, 2, 2
x = torch.randn(3, frames, height, width, 5).flatten(2, 3)
when = x.mean(dim=(0, 2, 3))
where = torch.randn(height, width, 5).flatten(0, 1)
x + when.view(1, frames, 1, 1) + where
""",
    "all pairs of frames and patches": """
frames, height, width = 4, 2, 2
x = torch.randn(frames, height, width, 5).flatten(1, 2)
x.mean(dim=1)[:, None] + x.mean(dim=0)[None]
""",
}


@pytest.mark.parametrize("name", FIRES)
def test_it_fires(seen: Any, name: str) -> None:
    slug, program = FIRES[name]
    assert [finding.slug for finding in seen(program)] == [slug]


@pytest.mark.parametrize("name", SILENT)
def test_it_is_silent(seen: Any, name: str) -> None:
    assert seen(SILENT[name]) == []


def test_heads_laid_in_the_shape_of_the_input_are_told(seen: Any) -> None:
    program = """
x = torch.randn(4, 4, 16)
q, k, v = (t.view(4, 4, 4, 4).transpose(1, 2) for t in nn.Linear(16, 48)(x).chunk(3, -1))
mixed = torch.softmax(q @ k.transpose(-2, -1), dim=-1) @ v
out = nn.Linear(16, 16)(mixed.{}reshape(x.shape))
"""
    assert "scrambling-reshape" in [f.slug for f in seen(program.format(""))]
    assert seen(program.format("transpose(1, 2).")) == []
