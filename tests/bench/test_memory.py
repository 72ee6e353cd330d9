"""No tensor lives longer, and no more memory is needed, than without us."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
ROOT = Path(__file__).parents[2]

# What torch's own allocator holds at most is counted exactly, whatever the system does with pages.
LOOP = """
import sys
import weakref
import torch
from torch import Tensor, nn
from jaxtyping import Float
from torch.profiler import ProfilerActivity, profile
import shapecheck
from shapecheck.check import guard
from shapecheck.check.laws import Laws

feature = sys.argv[1]


class Wide(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(256, 256) for _ in range(4))

    def forward(self, x: Float[Tensor, "batch 256"]) -> Float[Tensor, "batch 256"]:
        for layer in self.layers:
            x = torch.relu(layer(x))
        return x


if feature != "bare":
    Wide = shapecheck.checked(Wide)
torch.manual_seed(0)
model = Wide()
optimiser = torch.optim.SGD(model.parameters(), 0.01)
laws = Laws(guard) if feature == "laws" else None


def train(steps: int) -> list[weakref.ref]:
    made = []
    for _ in range(steps):
        x = torch.randn(256, 256)
        y = model(x)
        made += [weakref.ref(x), weakref.ref(y)]
        optimiser.zero_grad()
        y.square().mean().backward()
        optimiser.step()
        del x, y
        assert [ref() for ref in made] == [None] * len(made)
    return made


made = train(5)  # laws try copies, and keep nothing of the program's
if laws is not None:
    laws.conclude()
    assert laws.trials
assert [ref() for ref in made] == [None] * len(made)
with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as profiled:
    train(3)
held = peak = 0
for event in profiled.profiler.kineto_results.events():
    if event.name() == "[memory]":
        held += event.nbytes()
        peak = max(peak, held)
print(peak)
"""


def peak(feature: str) -> int:
    """The most bytes that three training steps hold beyond what was there before them."""
    done = subprocess.run(
        [sys.executable, "-c", LOOP, feature],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return int(done.stdout.split()[-1])


@pytest.mark.slow
@pytest.mark.parametrize("feature", ["guard", "laws"])
def test_a_training_loop_needs_no_more_memory_and_frees_what_it_did(feature: str) -> None:
    bare = peak("bare")
    assert bare > 2**20
    assert peak(feature) <= 1.05 * bare


# Tracking keeps facts, never tensors: the process as a whole grows no more than the fixed cost of
# the code that watches (which a small program would show as many per cent).
TRACKED = """
import resource
import torch
from torch import nn
batch_size, width = 512, 512
torch.manual_seed(0)
model = nn.Sequential(*(nn.Linear(width, width) for _ in range(8)))
optimiser = torch.optim.SGD(model.parameters(), 0.01)
for step in range(int(__import__("sys").argv[1])):
    x = torch.randn(batch_size, width)
    loss = (model(x) - x).square().mean()
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def resident(file: Path, steps: int, words: list[str]) -> int:
    """Kilobytes that a process needed at most."""
    done = subprocess.run(
        [sys.executable, *words, str(file), *(["--"] if words else []), str(steps)],
        cwd=file.parent,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    return int(done.stdout.split()[0])


@pytest.mark.slow
def test_tracking_keeps_no_tensor(tmp_path: Path) -> None:
    """Thirty steps more make half a gigabyte of tensors; next to none of it may stay."""
    file = tmp_path / "loop.py"
    file.write_text(TRACKED, encoding="utf-8")
    watched = ["-m", "shapecheck", "run"]
    assert resident(file, 40, watched) <= 1.05 * resident(file, 10, watched)


LETS_GO = """
import weakref
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

batch_size, seq_len, width = 4, 6, 8
torch.manual_seed(0)


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(width, 16, batch_first=True)
        self.out = nn.Linear(16, 3)

    def forward(self, x):
        states, last = self.rnn(x)
        return self.out(states[:, -1]).view(len(x), -1)


model = Tagger()
optimiser = torch.optim.Adam(model.parameters(), 0.01)
data = TensorDataset(torch.randn(12, seq_len, width), torch.randint(0, 3, (12,)))
for x, y in DataLoader(data, batch_size=batch_size):
    scores = model(x)
    loss = nn.functional.cross_entropy(scores, y)
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    made = [weakref.ref(tensor) for tensor in (x, y, scores, loss)]
    del x, y, scores, loss
    print([ref() for ref in made])
"""


def test_no_tensor_lives_longer_where_axes_are_tracked(tmp_path: Path, ran: Run) -> None:
    file = tmp_path / "lets_go.py"
    file.write_text(LETS_GO, encoding="utf-8")
    watched = ran(file, "tracking")
    assert (watched.status, watched.stderr) == (0, "")
    assert watched.stdout == "[None, None, None, None]\n" * 3
