"""order-along-batch: where it fires, and what looks alike and is right."""

from __future__ import annotations

from typing import Any

import pytest

FIRES = {
    "a step that picks a sample": """
num_envs, horizon = 3, 7
rewards, total = torch.rand(num_envs, horizon), torch.zeros(horizon)
for t in reversed(range(num_envs)):
    total = rewards[t] + 0.9 * total
""",
    "a shift that the layer reads as the batch": """
tokens = torch.randint(0, 9, (6, 5))
out, _ = nn.LSTM(4, 9, batch_first=True)(nn.Embedding(9, 4)(tokens))
F.cross_entropy(out[:-1].reshape(-1, 9), tokens[1:].reshape(-1))
""",
    "a sum over environments": """
num_envs, num_steps = 4, 6
rewards = torch.rand(num_envs, num_steps)
rewards.cumsum(dim=0)
""",
    "targets shifted by a sample": """
B, T, V = 3, 5, 7
logits = torch.randn(B, T, V)
x = logits[:-1]
""",
    "windows over samples": """
batch_size, seq_len = 8, 6
windows = torch.randn(batch_size, seq_len).unfold(0, 3, 1)
""",
}

SILENT = {
    "a step that picks a step": """
num_envs, horizon = 3, 7
rewards, total = torch.rand(num_envs, horizon), torch.zeros(num_envs)
for t in reversed(range(horizon)):
    total = rewards[:, t] + 0.9 * total
for i in range(num_envs):
    rewards[i].sum()
""",
    "a shift that the layer reads as time": """
tokens = torch.randint(0, 9, (6, 5))
out, _ = nn.LSTM(4, 9, batch_first=True)(nn.Embedding(9, 4)(tokens))
F.cross_entropy(out[:, :-1].reshape(-1, 9), tokens[:, 1:].reshape(-1))
""",
    "a shift of time first": """
tokens = torch.randint(0, 9, (6, 5))
out, _ = nn.LSTM(4, 9)(nn.Embedding(9, 4)(tokens))
F.cross_entropy(out[:-1].reshape(-1, 9), tokens[1:].reshape(-1))
""",
    "one sample left out": """
tokens = torch.randint(0, 9, (6, 5))
out, _ = nn.LSTM(4, 9, batch_first=True)(nn.Embedding(9, 4)(tokens))
rest = out[1:]
""",
    "a sum over steps": """
num_envs, num_steps = 4, 6
rewards = torch.rand(num_envs, num_steps)
rewards.cumsum(dim=1), rewards.T.cumsum(dim=0)
""",
    "a sum over samples that have no time": """
n_samples = 6
ranks = torch.rand(n_samples, 3).cumsum(0)
""",
    "targets shifted by a step": """
B, T, V = 3, 5, 7
logits = torch.randn(B, T, V)
x, y = logits[:, :-1], logits[:, 1:]
""",
    "some of the samples": """
B, T = 6, 5
x = torch.randn(B, T)
first, rest = x[:2], x[2:]
""",
}


@pytest.mark.parametrize("program", FIRES.values(), ids=FIRES.keys())
def test_it_fires(program: str, seen: Any) -> None:
    assert "order-along-batch" in [finding.slug for finding in seen(program)]


@pytest.mark.parametrize("program", SILENT.values(), ids=SILENT.keys())
def test_it_is_silent_on_what_looks_alike(program: str, seen: Any) -> None:
    assert [str(finding) for finding in seen(program)] == []
