"""What tracking saw of tensors that are centred and scaled. Plain frozen values, as all facts."""

from __future__ import annotations

from dataclasses import dataclass

from shapecheck.core.facts import Fact
from shapecheck.core.site import Place
from shapecheck.core.tracked import AxisView, Operand


@dataclass(frozen=True)
class StandardisedApart(Fact):
    """What was centred (by `centre`, over axes `over[0]`) is scaled by statistics over `over[1]`.

    `places` are those of the two statistics. `trained`: a gain or bias that is trained makes it a
    layer that normalises. `largest`: what was taken off is the largest value, and the exponentials
    are divided by their sums.
    """

    operation: str
    operand: Operand
    centre: str
    over: tuple[tuple[int, ...], tuple[int, ...]]
    places: tuple[Place, Place]
    trained: bool = False
    largest: bool = False


@dataclass(frozen=True)
class CovarianceApart(Fact):
    """A matrix, less its `centre` over the axis `over`, was multiplied with itself and divided by
    the count: `axes` are that over which it was centred and that over which it was summed.

    `operand` is the matrix as it was laid out for the product, `centred` where it was centred.
    """

    operation: str
    operand: Operand
    centre: str
    over: int
    axes: tuple[AxisView, AxisView]
    centred: Place


@dataclass(frozen=True)
class GradientNorm(Fact):
    """A norm of gradients, one for each sample of `gradient`, is held to a number.

    It ran over the axes `over` at `taken`. `left` are axes of one sample that it should have run
    over as well, `samples` that it ran over the samples, too.
    """

    operation: str
    gradient: Operand
    over: tuple[int, ...]
    left: tuple[int, ...]
    samples: bool
    number: float
    taken: Place


@dataclass(frozen=True)
class RowsStandardised(Fact):
    """Columns of which the largest numbers are many times the smallest were standardised over their
    `axis`. They were made each by itself, and laid side by side at `stacked`; or the code takes one
    of them by its number."""

    operation: str
    operand: Operand
    axis: int
    columns: int
    stacked: Place | None


@dataclass(frozen=True)
class StepsNormalised(Fact):
    """All axes of `operand` but the first were normalised at once, and at `used` attention read its
    axis `time` as the steps of a sequence."""

    operation: str
    operand: Operand
    time: int
    used: Place


@dataclass(frozen=True)
class HeadsNormalised(Fact):
    """A softmax ran over `position`, heads and keys merged; `apart` is where heads stand alone."""

    operation: str
    operand: Operand
    position: int
    apart: Place


@dataclass(frozen=True)
class CentredByAll(Fact):
    """Outputs of a layer, (sample, output), are less one mean of all of them, taken at `made`; each
    sample has a number of its own that they are added to."""

    operation: str
    operand: Operand
    made: Place
