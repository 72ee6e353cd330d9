"""What tracking saw of questions that were asked of too much at once. Plain frozen values."""

from __future__ import annotations

from dataclasses import dataclass

from shapecheck.core.facts import Fact
from shapecheck.core.site import Place
from shapecheck.core.tracked import Operand


@dataclass(frozen=True)
class AllAveraged(Fact):
    """Whether all samples are right was asked of each output of a layer (`asked`), and these
    answers were averaged: `operand` is what was asked, (samples, outputs)."""

    operand: Operand
    operation: str
    asked: Place


@dataclass(frozen=True)
class ConfidenceOfAll(Fact):
    """The one largest of all probabilities, (… normalised along `axis` …), weights what has a
    number of its own for each of them."""

    values: Operand
    weighted: Operand
    axis: int
    by: str
    made: Place


@dataclass(frozen=True)
class TargetsAcross(Fact):
    """Scores normalised along `axis` (at `made`) met targets of the same shape that pick one entry
    along `along`, each, and not along `axis`."""

    scores: Operand
    targets: Operand
    axis: int
    along: int
    made: Place


@dataclass(frozen=True)
class SizesTurned(Fact):
    """An operation that takes (height, width) was given sizes whose names say width and height."""

    operation: str
    operand: Operand
    names: tuple[str, str]
    sizes: tuple[int, int]
