"""Which other sizes are tried, and what is said where an axis cannot have another."""

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from shapecheck.core.evidence import Skipped, Trial

Probe = Callable[..., list[Trial | Skipped]]


def size_trials(found: list[Trial | Skipped]) -> dict[str, Trial]:
    return {t.axis: t for t in found if isinstance(t, Trial) and t.kind == "shape"}


@pytest.mark.parametrize(("batch", "seq"), [(1, 5), (2, 6), (3, 3), (6, 4)])
def test_a_batch_is_tried_at_one_and_at_a_size_of_its_own(
    probe: Probe, batch: int, seq: int
) -> None:
    def doubled(x: Float[Tensor, "batch seq 6"]) -> Float[Tensor, "batch seq 6"]:
        return x * 2

    said = size_trials(probe(doubled, torch.randn(batch, seq, 6)))["batch"]
    assert said.outcome == "held"
    sizes = [int(size) for size in said.detail.rpartition("sizes ")[2].split(", ")]
    assert (1 in sizes) == (batch != 1)
    assert all(math.gcd(sizes[0], other) == 1 for other in {batch, seq, 6} - {1})
    assert sizes[0] > 1


class Kept(nn.Module):
    """A state of an earlier batch, which the next has to fit."""

    def __init__(self) -> None:
        super().__init__()
        self.h = torch.zeros(4, 3)

    def forward(self, x: Float[Tensor, "batch 3"]) -> Float[Tensor, "batch 3"]:
        return x + self.h


def of_lengths(
    x: Float[Tensor, "batch time d"], lengths: Int[Tensor, "batch"]
) -> Float[Tensor, "batch d"]:
    packed = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True)
    return nn.utils.rnn.pad_packed_sequence(packed, batch_first=True)[0].sum(1)


def given_two(x: Float[Tensor, "batch d"], batch_size: int, d: int) -> Float[Tensor, "batch d"]:
    return x.view(batch_size, d)


class Linear(nn.Linear):
    def forward(self, x: Float[Tensor, "batch features"]) -> Float[Tensor, "batch out"]:
        return super().forward(x)


@pytest.mark.parametrize(
    ("function", "given", "axis", "outcome", "said"),
    [
        (Linear(3, 2), (torch.randn(4, 3),), "features", "fixed", "fixed by weights"),
        (Kept(), (torch.randn(4, 3),), "batch", "fixed", "fixed by state"),
        (
            of_lengths, (torch.randn(3, 4, 2), torch.tensor([4, 3, 1])),
            "time", "skipped", "holds lengths",
        ),
        (given_two, (torch.randn(4, 3), 4, 3), "batch", "held", "follow sizes"),
    ],
    ids=["weights", "state", "lengths", "a number that moves along"],
)  # fmt: skip
def test_what_an_axis_is_fixed_by(
    probe: Probe, function: Any, given: tuple[Any, ...], axis: str, outcome: str, said: str
) -> None:
    trial = size_trials(probe(function, *given))[axis]
    assert trial.outcome == outcome
    assert said in trial.detail


def test_rounding_at_another_size_is_no_finding(probe: Probe) -> None:
    """Only shapes are compared there: values differ by batch size in every matrix product."""
    torch.manual_seed(0)
    big = nn.Linear(257, 129)

    def product(x: Float[Tensor, "batch d"]) -> Float[Tensor, "batch out"]:
        return torch.tanh(big(x) * 1e4)

    found = [t for t in probe(product, torch.randn(7, 257)) if isinstance(t, Trial)]
    assert {t.outcome for t in found if t.axis == "batch"} == {"held"}


def first_of_all(scores: Tensor) -> Tensor:
    return scores[0, -1].argmax().view(1, 1)


def largest_of_all(scores: Tensor) -> Tensor:
    return scores[:, -1].argmax()[None, None]


def largest_of_each(scores: Tensor) -> Tensor:
    return scores[:, -1].argmax(dim=-1, keepdim=True)


STATE = torch.zeros(1, 1, dtype=torch.int64)


def looked_at(scores: Tensor) -> Tensor:
    """The first sample is read; what is too small is a state from before."""
    assert scores[0].isfinite().all()
    return STATE


@pytest.mark.parametrize(
    ("pick", "outcome"),
    [
        (first_of_all, "broken"),
        (largest_of_all, "broken"),
        (largest_of_each, "held"),
        (looked_at, "fixed"),
    ],
)
def test_one_sample_picked_for_all_of_a_batch_of_one(
    probe: Probe, pick: Callable[[Tensor], Tensor], outcome: str
) -> None:
    table = torch.rand(9, 7)

    def generate(ids: Int[Tensor, "batch time"]) -> Int[Tensor, "batch longer"]:
        return torch.cat([ids, pick(table[ids])], dim=1)

    trial = size_trials(probe(generate, torch.randint(0, 7, (1, 4))))["batch"]
    assert trial.outcome == outcome


class Scores(nn.Module):
    """Additive attention: what the mask broadcasts hides what squeeze() did to a batch of one."""

    def __init__(self, dim: int | None = None) -> None:
        super().__init__()
        self.v, self.dim = nn.Linear(6, 1), dim

    def forward(
        self, memory: Float[Tensor, "batch src dim"], keep: Bool[Tensor, "batch src"]
    ) -> Float[Tensor, "batch src"]:
        energy = self.v(memory)
        scores = energy.squeeze() if self.dim is None else energy.squeeze(self.dim)
        return torch.softmax(scores.masked_fill(~keep, -1e9), dim=1)


@pytest.mark.parametrize("dim", [None, -1], ids=["all of size one", "the last"])
def test_an_axis_that_squeeze_takes_away_at_one(probe: Probe, dim: int | None) -> None:
    found = probe(Scores(dim), torch.randn(3, 5, 6), torch.ones(3, 5) > 0)
    broken = [t for t in found if isinstance(t, Trial) and t.outcome == "broken"]
    assert [(t.axis, t.after) for t in broken] == ([] if dim else [("src", (1,))])
    assert all(t.operation.startswith("squeeze(") for t in broken)


def test_what_one_step_fails_at_is_no_squeeze_s_fault(probe: Probe) -> None:
    """One step has no neighbour: that is the data's, and squeeze() took what it was meant to."""

    def changes(x: Float[Tensor, "rows time 1"]) -> Float[Tensor, "rows"]:
        steps = x.squeeze(-1)
        return (steps[:, 1] - steps[:, 0]) * steps.mean(1, keepdim=True).squeeze()

    trial = size_trials(probe(changes, torch.randn(4, 5, 1)))["time"]
    assert trial.outcome != "broken"


def in_groups(x: Float[Tensor, "batch c h"], group: int) -> Float[Tensor, "batch c+1 h"]:
    """As many channels as samples: the number that is asked for is that of the channels."""
    _, c, h = x.shape
    spread = x.view(group, -1, c, h).var(dim=0).mean(dim=(1, 2), keepdim=True)
    return torch.cat([x, spread.repeat(group, 1, h)], dim=1)


def written_down(x: Float[Tensor, "batch c h"]) -> Float[Tensor, "batch c h"]:
    return x.view(8, 8, 4)


@pytest.mark.parametrize(
    ("function", "given", "outcome"), [(in_groups, (4,), "fixed"), (written_down, (), "broken")]
)
def test_a_size_that_another_axis_has_too(
    probe: Probe, function: Any, given: tuple[int, ...], outcome: str
) -> None:
    assert size_trials(probe(function, torch.randn(8, 8, 4), *given))["batch"].outcome == outcome
