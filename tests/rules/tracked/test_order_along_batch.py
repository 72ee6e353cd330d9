"""order-along-batch: where it fires, and what looks alike and is right."""

from __future__ import annotations

from typing import Any

import pytest

READER = """
fwd, bwd = nn.GRU(3, 6, batch_first=True), nn.GRU(3, 6, batch_first=True)
x = torch.randn(4, 5, 3)
ahead, _ = fwd(x)
"""

FIRES = {
    "samples reversed for a layer that reads backwards": READER
    + """
back, _ = bwd(torch.flip(x, [0]))
torch.cat((ahead, torch.flip(back, [0])), dim=-1)
""",
    "ids reversed, of which the last states are added": """
fwd, bwd = nn.LSTM(3, 6), nn.LSTM(3, 6)
words, embed = torch.randint(0, 9, (5, 4)), nn.Embedding(9, 3)
_, (ahead, _) = fwd(embed(words))
_, (back, _) = bwd(embed(words.flip(1)))
ahead[-1] + back[-1]
""",
    "steps reversed, put in order again along the batch": READER
    + """
back, _ = bwd(x.flip(1))
torch.cat((ahead, back.flip(0)), dim=-1)
""",
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
    "differences of samples, dim left out": """
seq_len, batch_size = 6, 4
changes = torch.randn(seq_len, batch_size).diff()
""",
    "windows over samples": """
batch_size, seq_len = 8, 6
windows = torch.randn(batch_size, seq_len).unfold(0, 3, 1)
""",
}

SILENT = {
    "differences of steps, dim left out": """
batch_size, seq_len = 4, 6
torch.randn(batch_size, seq_len).diff(), torch.randn(batch_size, seq_len, 2).diff(dim=1)
""",
    "steps reversed": READER
    + """
back, _ = bwd(x.flip(1))
torch.cat((ahead, back.flip(1)), dim=-1), torch.cat((ahead, back.flip([1])), dim=-1)
""",
    "steps of time first reversed": """
fwd, bwd = nn.GRU(3, 6), nn.GRU(3, 6)
x = torch.randn(5, 4, 3)
ahead, back = fwd(x)[0], bwd(x.flip(0))[0].flip(0)
torch.cat((ahead, back), dim=-1), ahead + back
""",
    "the samples of others as negatives": READER
    + """
other, _ = bwd(x.flip(0))
negative = torch.cat((ahead, other), dim=-1)
same, _ = bwd(x)
positive = torch.cat((ahead, same), dim=-1)
""",
    "the order of samples makes no difference": READER
    + """
bwd.load_state_dict(fwd.state_dict())
back, _ = bwd(x.flip(0))
torch.allclose(back.flip(0), ahead), (back.flip(0) - ahead).abs().max()
""",
    "samples mixed, before a layer and after it": READER
    + """
mixed = 0.7 * x + 0.3 * x.flip(0)
back, _ = bwd(mixed)
back = 0.7 * back + 0.3 * back.flip(0)
torch.cat((ahead, back), dim=-1)
""",
    "pictures and their mirror images": """
images = torch.randn(4, 3, 8, 8)
torch.cat((images, images.flip(3))), torch.cat((images, images.flip(0)), dim=1)
""",
    "another input than the one read in order": """
image, text = nn.GRU(3, 6, batch_first=True), nn.GRU(3, 6, batch_first=True)
seen, told = torch.randn(4, 5, 3), torch.randn(4, 5, 3)
torch.cat((image(seen)[0], text(told.flip(0))[0]), dim=-1)
""",
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
