"""What tracking saw of the factors of a decomposition. Plain frozen values, as all facts."""

from __future__ import annotations

from dataclasses import dataclass

from shapecheck.core.facts import Fact
from shapecheck.core.site import Place
from shapecheck.core.tracked import Operand


@dataclass(frozen=True)
class FactorTurned(Fact):
    """A factor of a decomposition met, along its axis `position`, what belongs to its other axis.

    `by` made the factor, at `made`; its axis `component` counts what the decomposition found
    (directions, columns of a basis), the other one lies along the data. `added`: what a triangle
    was multiplied with is now added to what lies along the data.
    """

    operation: str
    factor: Operand
    other: Operand
    position: int
    component: int
    by: str
    made: Place
    added: bool = False
