"""What tracking saw of a tensor that meets what was taken of itself. Plain frozen values."""

from __future__ import annotations

from dataclasses import dataclass

from shapecheck.core.facts import Fact
from shapecheck.core.site import Place
from shapecheck.core.tracked import Operand


@dataclass(frozen=True)
class LaidAcross(Fact):
    """A tensor was divided by (or is less) its own `statistic` over the axis `over`.

    `part` is the statistic, which lies along the axis `along` of the operand, not along the one
    that it was taken of; the tensor's values say so. Of a symmetric matrix, both are one: `used` is
    where a layer then took sums over rows, of which only the columns add up to one.
    """

    operation: str
    operand: Operand
    part: Operand
    statistic: str
    over: int
    along: int
    used: Place | None = None
