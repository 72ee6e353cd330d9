"""What tracking saw of entries that land in other rows than theirs. Plain frozen values."""

from __future__ import annotations

from dataclasses import dataclass

from shapecheck.core.facts import Fact
from shapecheck.core.site import Place
from shapecheck.core.tracked import Operand


@dataclass(frozen=True)
class RolledFlat(Fact):
    """A roll without dims moved `shift` entries of each row into the next row.

    `position` is the axis along which rows would be rolled: time, if there is one, or the last.
    """

    operation: str
    operand: Operand
    shift: int
    position: int


@dataclass(frozen=True)
class FlatCompared(Fact):
    """One index into all entries of `source` was compared with one number for each of its rows."""

    operation: str
    index: Operand
    labels: Operand
    source: Operand
    by: str


@dataclass(frozen=True)
class LoopAcross(Fact):
    """`x[t]` in a loop over the size of another axis of x: `for t in range(x.size(1))`.

    The loop runs over axis `counted`, whose size is written as `count`; its variable `index` picks
    along axis `position`.
    """

    operand: Operand
    position: int
    counted: int
    index: str
    count: str


@dataclass(frozen=True)
class EntriesOfState(Fact):
    """A layer of `given` layers in one direction was given consecutive `entries` of a state.

    The state has those of `layers` layers, with `directions` entries each; they were cut from it at
    `cut`, where it was called `text`.
    """

    operation: str
    argument: str
    operand: Operand
    entries: tuple[int, ...]
    layers: int
    directions: int
    given: int
    cut: Place
    text: str


@dataclass(frozen=True)
class MaskTiled(Fact):
    """A mask for each of `batch` samples and `heads` heads came with all samples for each head.

    Attention takes all heads of a sample one after another. `sure`: the axis of the samples is
    known to stand within the one of heads; else the values say so.
    """

    operation: str
    argument: str
    mask: Operand
    batch: int
    heads: int
    sure: bool


@dataclass(frozen=True)
class Mirrored(Fact):
    """`fliplr`, `flipud` or `rot90` reversed or turned the axes `positions`, as it does unasked."""

    operation: str
    operand: Operand
    positions: tuple[int, ...]


@dataclass(frozen=True)
class SameForAll(Fact):
    """Each sample was to be told from all others, and all have the same scores: one row of `source`
    that was repeated at `made`."""

    operation: str
    operand: Operand
    source: Operand
    made: Place
