"""What tracking saw of sums, averages and indices that run along another axis than they seem to.

Plain frozen values, as all facts.
"""

from __future__ import annotations

from dataclasses import dataclass

from shapecheck.core.facts import Fact
from shapecheck.core.site import Place
from shapecheck.core.tracked import AxisView, Operand, Shape


@dataclass(frozen=True)
class FlatIndex(Fact):
    """An index into axes of `sizes` that were flattened was divided by the size of `outer`.

    `inner` is the last of them, whose entries stand side by side.
    """

    operation: str
    operand: Operand
    divisor: int
    outer: AxisView
    inner: AxisView
    sizes: Shape


@dataclass(frozen=True)
class IndexShort(Fact):
    """A gather or scatter along `dim` whose index has size one along `position`, the operand more.

    `elsewhere`: along `dim` the index has as many entries as the operand has along `position`.
    """

    operation: str
    operand: Operand
    index: Operand
    dim: int
    position: int
    elsewhere: bool = False


@dataclass(frozen=True)
class MeanCount(Fact):
    """A weighted sum over `axis` was divided by the sum of its weights over `counted`.

    `positions` are those of the two in the weights. `total`: the weights were summed over both.
    """

    operation: str
    numerator: Operand
    denominator: Operand
    axis: AxisView
    counted: AxisView
    positions: tuple[int, int]
    total: bool = False


@dataclass(frozen=True)
class LogMeanCount(Fact):
    """A logsumexp of `operand` over axis `over`, less the logarithm of the size of its axis
    `counted`, which is left: no mean over anything."""

    operand: Operand
    over: int
    counted: int


@dataclass(frozen=True)
class TermsApart(Fact):
    """Two numbers were added: the one averages over `axes[0]`, the other adds that axis up and
    averages over `axes[1]`. `texts` and `places` are those of the two averages, `made` the place of
    the sum."""

    operation: str
    texts: tuple[str, str]
    places: tuple[Place, Place]
    axes: tuple[AxisView, AxisView]
    made: Place


@dataclass(frozen=True)
class PairsMade(Fact):
    """An index of samples, laid along another axis of `text`, made a table of all pairs of samples
    (at `made`), which is now used as one entry a sample."""

    operation: str
    operand: Operand
    text: str
    made: Place


@dataclass(frozen=True)
class PooledAxis(Fact):
    """A reduction took axis `over`, which a layer read as the batch, and left `kept`, its time; a
    linear layer takes the result."""

    operation: str
    operand: Operand
    over: int
    kept: int


@dataclass(frozen=True)
class StatisticWritten(Fact):
    """One number, `statistic` of all axes of `operand`, was written along one of these axes."""

    operand: Operand
    target: Operand
    axis: AxisView
    statistic: str


@dataclass(frozen=True)
class StatesNamed(Fact):
    """The states that a layer gave, (hidden, cell), were called by these names."""

    layer: str
    names: tuple[str, str]


@dataclass(frozen=True)
class SharedNorm(Fact):
    """A tensor was divided by its norm over all axes, those of the samples as well."""

    operand: Operand


@dataclass(frozen=True)
class WeightsLate(Fact):
    """Weights along `axis` were multiplied with a loss that was averaged over that axis before."""

    weights: Operand
    loss: str
    axis: AxisView
    averaged: Place


@dataclass(frozen=True)
class MaskLate(Fact):
    """A mask was multiplied with one number that `by` had made, at `made`, of all entries of a
    tensor of shape `source`, along whose axes the mask lies."""

    mask: Operand
    source: Shape
    by: str
    made: Place


@dataclass(frozen=True)
class SamplesReversed(Fact):
    """What a recurrent layer was to read backwards was reversed along `position`, its batch (or its
    output was, when it was put in order again), and then joined with what was not reversed.

    `read` is what the layer said of its axes, at line `at`; `time` the axis that it reads as time.
    `weights` are those of the layer: read in order as well, where it was given other samples too.
    """

    operand: Operand
    position: int
    time: int
    read: str
    at: Place
    weights: AxisView | None = None


@dataclass(frozen=True)
class PositionsOfSamples(Fact):
    """A table of positions, looked up by a count along axis `position` of `other`, was added."""

    operation: str
    table: Operand
    other: Operand
    position: int


@dataclass(frozen=True)
class PositionsOfHeads(Fact):
    """Sines or cosines of a count along `position` of `other`, the heads that a layer's features
    were split into, met it. Along the axes before it the table has nothing."""

    operation: str
    table: Operand
    other: Operand
    position: int


@dataclass(frozen=True)
class PairedAlike(Fact):
    """One tensor, repeated twice in the same way by the size of its axis `axis`, was laid beside
    itself. `how` and `places` say how and where it was repeated."""

    operation: str
    operand: Operand
    axis: AxisView
    how: str
    places: tuple[Place, Place]


@dataclass(frozen=True)
class TurnedInVain(Fact):
    """A tensor of one axis met itself, turned by `how` (`t`, `T`), which does nothing to it."""

    operation: str
    operand: Operand
    how: str


@dataclass(frozen=True)
class LevelsAstray(Fact):
    """Levels of quantiles lie along axis `target` of the errors; their estimates along another."""

    operation: str
    levels: Operand
    errors: Operand
    target: int
    estimate: int


@dataclass(frozen=True)
class FeaturesLeft(Fact):
    """Vectors were multiplied or taken from each other entry by entry, and this was added up over
    axis `summed`, not over their entries, axis `features`; what is left is used as scores.

    `kind` is `product` or `distance`, or `pairs` for the distances of each vector to each other.
    """

    operation: str
    operand: Operand
    summed: int
    features: int
    kind: str
