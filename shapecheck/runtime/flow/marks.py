"""What is remembered of how a tensor came about: products, sums, tables of pairs, masks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shapecheck.core.facts import AxisView, Fact, Masked, Operand, WeightedSum
from shapecheck.core.laid import LaidAcross
from shapecheck.core.rows import SameForAll
from shapecheck.core.site import Place
from shapecheck.core.stacked import LastOfBoth
from shapecheck.core.sums import FeaturesLeft, SharedNorm

if TYPE_CHECKING:
    from shapecheck.runtime.flow.axes import Axes, Axis, Identity, Part, Stack
    from shapecheck.runtime.flow.order.halves import Piece


@dataclass(frozen=True)
class Summed:
    """A sum (or mean) of `source` over its axes `dims`."""

    source: Axes
    dims: frozenset[int]
    by: str
    place: Place


@dataclass(frozen=True)
class Average:
    """A number: the mean over `axes` of what had been summed before, if it had.

    `by` is the operation that took the mean: `mean`, or a loss.
    """

    axes: tuple[Axis, ...]
    before: Summed | None
    place: Place
    text: str
    by: str = "mean"


@dataclass(frozen=True)
class Pairs:
    """Rows of `axis` by entries that an index of the same axis picked: a table of all pairs.

    No `axis`: as many entries as rows, more than there are to pick from.
    """

    axis: Identity | None
    place: Place
    text: str
    index: Axes | None = None


@dataclass(frozen=True)
class Pooled:
    """A layer read axis `over` as the batch and `kept` as time, and `over` was reduced away."""

    source: Axes
    over: int
    kept: int
    by: str
    place: Place


@dataclass(frozen=True)
class Told:
    """True where the tokens stand, or else where the padding stands; `ids` are the tokens."""

    tokens: bool
    ids: Axes | None
    place: Place


@dataclass(frozen=True)
class Reversal:
    """Reversed along `position`."""

    operand: Operand
    position: int
    place: Place


@dataclass(frozen=True)
class Backwards:
    """What was reversed `before` a recurrent layer read it, whose batch is axis `batch`."""

    before: Reversal
    batch: int
    contract: str
    place: Place
    weights: AxisView


@dataclass(frozen=True)
class Counted:
    """Rows of a table of positions, looked up by a count along `axis`."""

    axis: Identity
    text: str


@dataclass(frozen=True)
class Copies:
    """`root` repeated along `at`, as often as `axis` has entries: as a whole, or entry by entry."""

    root: Axes
    axis: Axis
    how: str
    at: int
    place: Place
    text: str


@dataclass(frozen=True)
class Statistic:
    """Taken of `of` (or a version of it) in the shape `shape`, over its axes `over`.

    `spread`: of what was taken off before; over the axes `gone`; `unlike`: of unlike quantities.
    """

    of: Axes
    shape: tuple[int, ...]
    over: frozenset[int]
    by: str
    spread: bool
    place: Place
    gone: tuple[Axis, ...] = ()
    unlike: bool = False


@dataclass(frozen=True)
class Standard:
    """`of`, less one statistic of its own, divided by another."""

    of: Axes
    centre: Statistic | None
    scale: Statistic | None


@dataclass(frozen=True)
class Scatter:
    """A centred matrix times itself: summed over an axis other than the one it is centred over."""

    operand: Operand
    centre: Statistic
    summed: Axis
    kept: Axis


@dataclass(frozen=True)
class Factor:
    """A factor of a decomposition of `data`: one axis is the data's `own`, one of components."""

    component: Identity
    own: Identity
    data: tuple[Axes, ...]
    by: str
    place: Place


@dataclass(frozen=True)
class Entries:
    """A slice of the first axis of a recurrent state: which entries of the stack."""

    stack: Stack
    entries: tuple[int, ...]
    place: Place
    text: str


@dataclass(frozen=True)
class Frequency:
    """Indices along an axis of a spectrum: of frequencies of `signal`, or of what stood beside."""

    along: Axis
    signal: Axis | None


@dataclass(frozen=True)
class BothWays:
    """All steps of a bidirectional layer: its time, and the features of both directions."""

    time: tuple[Part, ...]
    features: tuple[Part, ...]
    layer: str
    made: Place


@dataclass(frozen=True)
class LastStep:
    """The last of these steps, with the features of both directions; waits to be used."""

    features: tuple[Part, ...]
    fact: LastOfBoth


@dataclass(frozen=True)
class Scaling:
    """Scaled by the root of the size of `axis`, which `text` reads; by anything, without axis."""

    axis: Identity | None
    place: Place
    text: str
    size: int = 0


@dataclass(frozen=True)
class Scores:
    """Products of what layers made, summed along `axis`: `summed` are its identities on both sides,
    `kept` the axes that stay. Not `made` by a layer, as far as is known: `kept` are those that
    both sides have, each index of the one with the same index of the other."""

    summed: tuple[Identity, ...]
    kept: tuple[Identity, ...]
    axis: Axis
    made: bool = True


@dataclass(frozen=True)
class HeadsMerged:
    """Scores normalised along `position`, where `head` is one of several axes."""

    head: Identity
    operand: Operand
    position: int
    place: Place
    by: str


@dataclass(frozen=True)
class Likeness:
    """Rows multiplied with rows, as queries are with keys; `text` are the lines that say so."""

    place: Place
    text: str


@dataclass(frozen=True)
class Gradient:
    """Of values with these axes."""

    values: tuple[Axis, ...]


@dataclass(frozen=True)
class GradientPart:
    """A norm of a gradient over `over`, which leaves axes of one sample, or runs over `samples`."""

    source: Axes
    text: str
    over: tuple[int, ...]
    left: tuple[int, ...]
    samples: bool
    place: Place


@dataclass(frozen=True)
class Together:
    """Normalised at once over these axes of what layers made."""

    over: tuple[Identity | None, ...]
    operand: Operand
    place: Place


@dataclass(frozen=True)
class Columns:
    """Quantities of unlike size, each made by itself, that were laid side by side along `axis`."""

    axis: Identity
    place: Place


@dataclass(frozen=True)
class Shares:
    """A symmetric matrix over the sums of its rows, of which the columns add up to one; or, where
    it has `passed`, what came of multiplying it with values."""

    fact: LaidAcross
    passed: bool = False


@dataclass(frozen=True)
class Scored:
    """Scores, as far as is known; told as soon as an operation `by` takes them for that."""

    fact: FeaturesLeft | WeightedSum
    by: frozenset[str]


@dataclass(frozen=True)
class Marks:
    """Marks of one tensor. Views and casts keep them; what else does is said where it is done.

    `hides` is on scores that a mask went over; `attending` on what a softmax made of them, until it
    is known whether these are weights of values; `waiting` on numbers laid out in another order
    until anything computes with them; `index` is what picked the entries.
    """

    factors: tuple[Axes, ...] = ()
    summed: Summed | None = None
    average: Average | None = None
    pairs: Pairs | None = None
    pooled: Pooled | None = None
    hides: Place | None = None
    faint: Place | None = None  # ones and zeros were added to scores, or scores multiplied by them
    told: Told | None = None
    inverted: Told | None = None  # scores were filled where the tokens stand
    rows: Told | None = None  # of padding, along the queries, met with a triangle; scores too
    embedded: bool = False
    attending: Masked | None = None
    waiting: Fact | None = None
    index: Axes | None = None
    reversal: Reversal | None = None
    backwards: Backwards | None = None  # of what a layer made of it; a reversal then is one after
    counted: Counted | None = None
    copies: Copies | None = None
    pieces: tuple[int, ...] = ()  # the sizes of what was joined, along the axis it was joined along
    statistic: Statistic | None = None
    standard: Standard | None = None
    factor: Factor | None = None
    entries: Entries | None = None
    scaled: tuple[Scaling, ...] = ()
    scores: Scores | None = None
    heads: HeadsMerged | None = None
    likeness: Likeness | None = None  # also of the weights that a softmax made of it
    repeated: SameForAll | None = None  # one row for all along axis 0, until it is told apart
    spectrum: Axis | None = None  # frequencies, which may be averaged by now
    frequency: Frequency | None = None
    both_ways: BothWays | None = None
    last_step: LastStep | None = None
    gradient: Gradient | None = None
    part: GradientPart | None = None
    one_norm: SharedNorm | None = None  # until it meets vectors that have length one each
    scatter: Scatter | None = None
    shares: Shares | None = None
    columns: Columns | None = None
    together: Together | None = None
    quantities: Identity | None = None  # an axis of which the code takes entries by their number
    gram: tuple[Axes, ...] | None = None  # what was multiplied with itself
    vectors: str = ""  # a product or a distance of vectors, entry by entry
    scored: Scored | None = None
    nearly: Axes | None = None  # what this is but for a little, or the logarithm of
    piece: Piece | None = None


NONE = Marks()
