"""Changes after which an operation that torch refused goes through."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from shapecheck.core.site import Place
from shapecheck.core.tracked import Shape

ChangeKind = Literal[
    "order",  # the axes of an operand in another order
    "missing",  # axes of size 1 added to an operand
    "extra",  # axes of size 1 taken away
    "merged",  # neighbouring axes of an operand made one
    "picked",  # an index taken away, or of another axis
    "sliced",  # only the first indices of an axis
    "cast",  # an operand of another dtype
    "reach",  # indices that reach less far
    "made",  # an operand made with other sizes
    "argument",  # a number among the arguments
    "setting",  # a layer built with another setting
    "exchange",  # two operands in each other's place
    "earlier",  # the operation that made an operand, done in another way
    "instead",  # another operation on the same operands
]


@dataclass(frozen=True)
class Tried:
    """One change, tried: the operation, done alone on stand-ins, failed as it had, and now not.

    `code` is what to write: the whole expression (`x.flatten(1)`), or the argument
    (`in_features=256`). `operands` are the positions of the operands it changes, and `shape` is
    theirs afterwards. `axes[i]` lists which axes of the operand make its new axis i. `result` is
    the shape that the operation gave. `value` is the number that a setting or argument takes,
    `built` the one that a setting has. `second` is what is changed as well, `at` the earlier
    line where the change is made.
    """

    kind: ChangeKind
    code: str
    operands: tuple[int, ...] = ()
    shape: Shape = ()
    axes: tuple[tuple[int, ...], ...] = ()
    result: Shape = ()
    name: str = ""
    value: int | None = None
    built: int = 0
    second: Tried | None = None
    at: Place | None = None

    @property
    def operand(self) -> int:
        """The first operand that is changed; -1 for none."""
        return self.operands[0] if self.operands else -1
