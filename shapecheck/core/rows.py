"""What tracking saw of calls that took all axes as one row. Plain frozen values, as all facts."""

from __future__ import annotations

from dataclasses import dataclass

from shapecheck.core.facts import Fact
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
