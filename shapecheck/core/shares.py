"""What tracking saw of probabilities, and of samples that were cut in pieces or named.

Plain frozen values, as all facts.
"""

from __future__ import annotations

from dataclasses import dataclass

from shapecheck.core.facts import Fact, WeightedSum
from shapecheck.core.site import Place
from shapecheck.core.tracked import Operand


@dataclass(frozen=True)
class SharesAdded(Fact):
    """What `by` made to add up to one along axis `position` was added up over `dims`, that axis
    among them, and others are left."""

    operation: str
    operand: Operand
    dims: tuple[int, ...]
    position: int
    by: str


@dataclass(frozen=True)
class EntropyApart(WeightedSum):
    """Probabilities times their logarithms were summed over an axis that is not theirs, and the
    result is used as entropies."""


@dataclass(frozen=True)
class PiecesExchanged(Fact):
    """The pieces that `how` made at `cut` of axis `position`, whose entries were taken at random
    at `shuffled`, were joined again in another order."""

    operation: str
    operand: Operand
    position: int
    how: str
    cut: Place
    shuffled: Place


@dataclass(frozen=True)
class NamesShort(Fact):
    """`zip` pairs `count` words, `names`, with the first entries of `operand`, which has more.

    `table` is a tensor of the program with `count` entries along its axis 1, and along axis 0 as
    many as the operand.
    """

    operand: Operand
    names: str
    count: int
    table: str


@dataclass(frozen=True)
class TotalAdded(Fact):
    """The sum of all entries of `operand` (at `made`) was added to one number for each index of its
    axis `position`: each of them takes in those of all others."""

    operation: str
    operand: Operand
    other: Operand
    position: int
    made: Place


@dataclass(frozen=True)
class NoiseShared(Fact):
    """One row of noise, drawn at `made`, was scaled for each sample and added to `level`."""

    operation: str
    noise: Operand
    level: Operand
    made: Place | None


@dataclass(frozen=True)
class RunsNowhere(Fact):
    """Sums so far along axis `position`, which a layer made of size one."""

    operation: str
    operand: Operand
    position: int
