"""Whichever sample reads whichever other, it shows; what is no number equals itself."""

from collections.abc import Callable

import pytest
import torch
from jaxtyping import Float
from torch import Tensor, nn

from shapecheck.core.evidence import Skipped, Trial

Probe = Callable[..., list[Trial | Skipped]]


def tried(found: list[Trial | Skipped]) -> Trial:
    (trial,) = (t for t in found if isinstance(t, Trial) and t.kind == "disturbance")
    return trial


@pytest.mark.parametrize("reader", range(4))
@pytest.mark.parametrize("read", range(4))
def test_one_sample_that_reads_one_other(probe: Probe, reader: int, read: int) -> None:
    def reads(x: Float[Tensor, "batch d"]) -> Float[Tensor, "batch d"]:
        y = x * 2
        y[reader] = y[reader] + x[read]
        return y

    trial = tried(probe(reads, torch.randn(4, 3)))
    assert trial.outcome == ("held" if reader == read else "broken")
    if reader != read:
        assert trial.matrix is not None
        moved = [(o, i) for o in range(4) for i in range(4) if o != i and trial.matrix[o][i]]
        assert moved == [(reader, read)]


def logarithm(x: Float[Tensor, "batch d"]) -> Float[Tensor, "batch d"]:
    return x.log() / (x > 0)


def centred_logarithm(x: Float[Tensor, "batch d"]) -> Float[Tensor, "batch d"]:
    return x.log() + x.flip(0)


def test_what_is_no_number_equals_itself(probe: Probe) -> None:
    x = torch.tensor([[1.0, -1.0], [-2.0, 3.0], [0.0, -4.0]])
    assert logarithm(x).isnan().any()
    assert tried(probe(logarithm, x)).outcome == "held"
    assert tried(probe(centred_logarithm, x)).outcome == "broken"


class Normed(nn.Module):
    def __init__(self, mixes: bool) -> None:
        super().__init__()
        self.norm, self.mixes = nn.BatchNorm1d(3), mixes

    def forward(self, x: Float[Tensor, "batch 3"]) -> Float[Tensor, "batch 3"]:
        y = self.norm(x)
        return y.softmax(0) if self.mixes else y


def normed_by_hand(x: Float[Tensor, "batch d"]) -> Float[Tensor, "batch d"]:
    return nn.functional.batch_norm(x, None, None, training=True)


BY_DESIGN = "batch normalisation takes its statistics from the batch"


@pytest.mark.parametrize(
    ("net", "outcome", "excuse"),
    [
        (Normed(mixes=False).train(), "held", BY_DESIGN),
        (Normed(mixes=False).eval(), "held", ""),
        (normed_by_hand, "broken", BY_DESIGN),
        (Normed(mixes=True).train(), "broken", ""),  # it hides nothing else
    ],
    ids=["training", "eval", "functional", "mixes besides"],
)
def test_batch_normalisation_is_excused_by_name(
    probe: Probe, net: Callable[..., Tensor], outcome: str, excuse: str
) -> None:
    trial = tried(probe(net, torch.randn(5, 3)))
    assert (trial.outcome, trial.excuse) == (outcome, excuse)


class Running(nn.Module):
    """Standardises by what it has seen of all samples; or by what it sees now, which is none."""

    def __init__(self, keeps: bool) -> None:
        super().__init__()
        self.keeps = keeps
        self.register_buffer("count", torch.zeros(()))
        self.register_buffer("total", torch.zeros(3))

    def forward(self, x: Float[Tensor, "batch step d"]) -> Float[Tensor, "batch step d"]:
        self.count += len(x) * x.shape[1]
        total = x.sum(dim=(0, 1))
        if self.keeps:
            self.total += total
            total = self.total
        return x - total / self.count


@pytest.mark.parametrize(("keeps", "excused"), [(True, True), (False, False)])
def test_statistics_that_an_object_keeps_are_meant(
    probe: Probe, keeps: bool, excused: bool
) -> None:
    trial = tried(probe(Running(keeps), torch.randn(4, 6, 3)))
    assert trial.outcome == "broken"
    assert (trial.excuse == "the object keeps statistics of all samples") is excused
