"""What tracking saw: axes with their meaning, and the operations that say something about them.

Plain frozen values: no tensors, no judgement. Every fact carries the place of the user's line;
an axis carries the lines that gave it its names and roles, so that a rule can cite them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from shapecheck.core.axis import Role
from shapecheck.core.site import Place
from shapecheck.core.tracked import AxisView, Operand, Shape, Witness, WitnessKind, at_odds

__all__ = [
    "Alignment",
    "AxisReading",
    "AxisView",
    "Broadcast",
    "ClassAxis",
    "Fact",
    "LossSizes",
    "Masked",
    "Normalised",
    "NormalisedApart",
    "Operand",
    "Ordered",
    "Picked",
    "Raised",
    "Reshape",
    "ReturnedAxis",
    "Shape",
    "Squeezed",
    "StatePassed",
    "WeightedApart",
    "WeightedSum",
    "Witness",
    "WitnessKind",
    "at_odds",
]


@dataclass(frozen=True)
class Fact:
    """Something that tracking saw at a line of the user's.

    `through` are the lines by which the operands came: those of the operations that made them,
    and of what these were given. `of_numpy` says that arrays of numpy were at work.
    """

    place: Place
    through: tuple[Place, ...] = field(default=(), kw_only=True, repr=False, compare=False)
    of_numpy: bool = field(default=False, kw_only=True, repr=False, compare=False)


@dataclass(frozen=True)
class Broadcast(Fact):
    """An elementwise operation in which both operands grew.

    `grew` has one entry for each axis that grew: (which operand, the axis of the result).
    `asked` says for each operand how the code asked for an axis of size one (`None`,
    `unsqueeze`, `keepdim`, `view`, `expand`; `turned` for a column that was transposed), empty
    where it did not. `related` is True where one operand was made from the other.
    """

    operation: str
    operands: tuple[Operand, Operand]
    result: Shape
    grew: tuple[tuple[int, int], ...]
    asked: tuple[str, str] = ("", "")
    related: bool = False


@dataclass(frozen=True)
class LossSizes(Fact):
    """An elementwise loss whose input and target differ in shape."""

    loss: str
    input: Operand
    target: Operand
    result: Shape


@dataclass(frozen=True)
class ClassAxis(Fact):
    """A loss read axis `axis` of `input` as the classes. `target` holds class numbers.

    `counted` says that they are 0, 1, 2, …: each sample is the class of its own, so that samples
    are told from one another and either axis may be the classes (Radford et al., 2021, figure 3).
    """

    loss: str
    input: Operand
    target: Operand
    axis: int
    counted: bool = False


@dataclass(frozen=True)
class Reshape(Fact):
    """A view or reshape. `wanted[i]` is the axis that the size expression of axis i names.

    `crossed` lists target axes whose sizes cut through axes of the source; `misplaced` those
    where `wanted` is an axis of the source that stands elsewhere. `literal` lists target sizes
    written as numbers, `products` those written as a product. `permuted`: the target has the
    sizes of the source in another order, or those that one axis is made of; `regrouped`: its
    sizes merge axes of the source that do not stand side by side; `counted` that the values are
    a count (`arange`). `today` is the shape before and after it in the call itself, where this one
    was seen in a trial at other sizes.
    """

    operation: str
    source: Operand
    target: Shape
    texts: tuple[str, ...]
    held: tuple[AxisView, ...]
    wanted: tuple[AxisView | None, ...]
    crossed: tuple[int, ...] = ()
    misplaced: tuple[int, ...] = ()
    literal: tuple[int, ...] = ()
    products: tuple[int, ...] = ()
    permuted: bool = False
    regrouped: bool = False
    counted: bool = False
    today: Shape = ()


@dataclass(frozen=True)
class AxisReading(Fact):
    """An operation with a contract read one axis as `role`; `contract` states it in words.

    `argument` names the operation's argument, `position` the axis. `others` are the readings
    of the same call. `earlier` are former readings of the same axis at other places.
    """

    operation: str
    contract: str
    argument: str
    operand: Operand
    position: int
    role: Role
    others: tuple[tuple[AxisView, Role], ...] = ()
    remedy: str = ""


@dataclass(frozen=True)
class Alignment(Fact):
    """Two axes met index by index (added, multiplied, contracted) and differ in meaning.

    `elsewhere` is `exchanged` where both operands have both axes the other way round, `weight`
    where a layer was made for an axis that its input has at another position, `pooled` that a mean
    or sum took from its input.
    """

    operation: str
    left: Operand
    right: Operand
    axes: tuple[AxisView, AxisView]
    positions: tuple[int, int]
    elsewhere: str = ""


@dataclass(frozen=True)
class Picked(Fact):
    """One index of an axis was picked, so that the axis is gone: `x[:, -1]`.

    `beside` are the other axes of which one index was picked in the same brackets.
    """

    operand: Operand
    position: int
    index: int | None
    produced_by: str = ""
    produced_at: Place | None = None
    inside: str = ""
    beside: tuple[int, ...] = ()


@dataclass(frozen=True)
class Squeezed(Fact):
    """A squeeze without dim. `removed` are the axes that went, `at_risk` would at size one.

    `kept` is how many axes remain, `nominal` the batch size asked for where the batch at hand is
    a smaller one.
    """

    operand: Operand
    removed: tuple[AxisView, ...]
    at_risk: tuple[AxisView, ...] = ()
    kept: int = 0
    nominal: int | None = None


@dataclass(frozen=True)
class Normalised(Fact):
    """A softmax (or its kin) over one axis of the operand."""

    operation: str
    operand: Operand
    position: int
    implicit: bool = False
    reads_class: bool = False


@dataclass(frozen=True)
class Ordered(Fact):
    """An operation that follows the order of an axis: `cumsum`, `diff`, windows, `x[1:]`.

    `shifted`: both `[:-1]` and `[1:]` were taken of the axis; `sliced`: it was followed by a slice,
    not by an index that the code calls a step. `shuffled`: where entries were taken at random;
    `read`: a layer reads the axis as the batch, and another one as time.
    """

    operation: str
    operand: Operand
    position: int
    shifted: bool = False
    sliced: bool = False
    shuffled: Place | None = None
    read: Witness | None = None


@dataclass(frozen=True)
class WeightedSum(Fact):
    """A product with normalised weights was summed over an axis that they are not normalised over.

    `weights` is the operand that was normalised, over its axis `normalised`, at `normalised_at`.
    """

    operation: str
    normalised: AxisView
    normalised_at: Place
    summed: AxisView
    same_kind: bool = False


@dataclass(frozen=True)
class WeightedApart(WeightedSum):
    """Such a sum by the weights of attention, which lie along queries and keys.

    `positions` are the two axes of the weights: the normalised one, the one that is summed.
    """

    positions: tuple[int, int] = (-2, -1)

    @property
    def made(self) -> Place:
        """Where the softmax ran: whoever reads there how much weight each key gets means it."""
        return self.normalised_at


@dataclass(frozen=True)
class NormalisedApart(Fact):
    """Two operands are normalised, over axes that the operation does not lay along each other.

    `positions` are the normalised axes. A loss compares the operands index by index; a product
    sums over the last axis of the left one, which then is in `summed`. A gather has one operand
    and picks along `summed`.
    """

    operation: str
    left: Operand
    right: Operand
    positions: tuple[int, int]
    places: tuple[Place, Place]
    summed: int | None = None


@dataclass(frozen=True)
class StatePassed(Fact):
    """A recurrent layer was given, in the slot `slot`, the state that came out as `came_as`."""

    layer: str
    slot: str
    came_as: str
    came_at: Place


@dataclass(frozen=True)
class Masked(Fact):
    """A mask was applied. `discarded`: the result is not used; `after_softmax`: too late.

    `uniform`: a softmax ran over axis `-1`, along which the mask of that line is the same.
    `hides`: the mask of that line denies each query what stands before it, and nothing after it.
    `faint`: ones and zeros were added to scores or multiplied with them there. `inverted`: the mask
    of that line is true where the tokens stand. `unseen`: causal, counted from the first key, so
    that none of the queries sees the keys from this one on. `rows`: the mask of padding of that
    line lies along the queries, beside a causal one, and hides no padding.
    """

    operation: str
    operand: Operand
    mask: Operand
    discarded: bool = False
    after_softmax: Place | None = None
    fill: float | None = None
    uniform: Place | None = None
    hides: Place | None = None
    faint: Place | None = None
    inverted: Place | None = None
    unseen: int | None = None
    rows: Place | None = None


@dataclass(frozen=True)
class Raised(Fact):
    """An operation raised. `clash` are the two axes whose sizes disagree, where it is known.

    `nominal` is the batch size a loader was asked for, `partial` the size of its last batch.
    """

    operation: str
    operands: tuple[Operand, ...]
    message: str
    literals: tuple[int, ...] = ()
    nominal: int | None = None
    partial: int | None = None
    loader_at: Place | None = None


@dataclass(frozen=True)
class ReturnedAxis(Fact):
    """An output whose axis `position` is declared as one axis of the call, and is another.

    `declared` is the name at that position, `output` the output (`return[1]`), `operand` what
    was returned. `axis` is the axis that stands there, under its own declared name.
    """

    function: str
    output: str
    operand: Operand
    position: int
    declared: str
    axis: AxisView
