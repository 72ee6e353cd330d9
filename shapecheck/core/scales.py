"""What tracking saw of scores and of what they were scaled by. Plain frozen values."""

from __future__ import annotations

from dataclasses import dataclass

from shapecheck.core.facts import Fact
from shapecheck.core.site import Place
from shapecheck.core.tracked import AxisView, Operand


@dataclass(frozen=True)
class ScaledBy(Fact):
    """Scores were scaled by the root of the size of `axis`, but sum products along `summed`.

    `size` is the expression that reads the size; a softmax, at `used`, took the scores.
    """

    operand: Operand
    axis: AxisView
    summed: AxisView
    size: str
    used: Place
