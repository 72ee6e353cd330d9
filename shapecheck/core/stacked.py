"""What tracking saw of the layers and directions of a recurrent state. Plain frozen values."""

from __future__ import annotations

from dataclasses import dataclass

from shapecheck.core.facts import Fact
from shapecheck.core.tracked import Operand, StackView


@dataclass(frozen=True)
class StackTakenApart(Fact):
    """A reshape read the layers and directions of a state as (`sizes[0]`, `sizes[1]`).

    `texts` are these two sizes as written, `all_texts` those of the whole shape, empty where they
    are not known; `first` says where the outer one stands in the result.
    """

    operation: str
    source: Operand
    stack: StackView
    sizes: tuple[int, int]
    texts: tuple[str, str]
    all_texts: tuple[str, ...]
    first: int
