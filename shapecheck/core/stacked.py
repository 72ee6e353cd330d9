"""What tracking saw of the layers and directions of recurrent layers. Plain frozen values."""

from __future__ import annotations

from dataclasses import dataclass

from shapecheck.core.facts import Fact
from shapecheck.core.site import Place
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


@dataclass(frozen=True)
class LastOfBoth(Fact):
    """The last step, along `position`, of what both directions of `layer` gave at each step.

    `made` is where the layer stands; a linear layer took the features of both directions.
    """

    layer: str
    operand: Operand
    position: int
    made: Place


@dataclass(frozen=True)
class LayersChosen(Fact):
    """Entries of the layers of a state were chosen by `index`, which puts samples in an order."""

    operation: str
    operand: Operand
    index: Operand
