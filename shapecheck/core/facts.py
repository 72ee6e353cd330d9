"""What tracking saw: axes with their meaning, and the operations that say something about them.

Plain frozen values: no tensors, no judgement. Every fact carries the place of the user's line;
an axis carries the lines that gave it its names and roles, so that a rule can cite them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from shapecheck.core.axis import Role
from shapecheck.core.site import Place

Shape = tuple[int, ...]
WitnessKind = Literal["name", "comment", "loader", "contract", "declared"]


_AT_ODDS = frozenset(
    frozenset(pair)
    for pair in (
        (Role.BATCH, Role.TIME),
        (Role.BATCH, Role.LAYER),
        (Role.BATCH, Role.CLASS),
        (Role.BATCH, Role.CHANNEL),
        (Role.BATCH, Role.FEATURE),
        (Role.TIME, Role.CLASS),
        (Role.TIME, Role.LAYER),
        (Role.TIME, Role.FEATURE),
        (Role.TIME, Role.CHANNEL),
        (Role.LAYER, Role.CLASS),
        (Role.BATCH, Role.HEAD),
        (Role.BATCH, Role.HEIGHT),
        (Role.BATCH, Role.WIDTH),
        (Role.CHANNEL, Role.HEIGHT),
        (Role.CHANNEL, Role.WIDTH),
    )
)


def at_odds(a: Role | None, b: Role | None) -> bool:
    """True where one axis cannot well be both."""
    return a is not None and b is not None and frozenset((a, b)) in _AT_ODDS


@dataclass(frozen=True)
class Witness:
    """One reason to think that an axis has a role: who says so, where, in which words.

    `weak` says that it needs a second witness (a single letter, a comment). `position` is
    where the axis stood when an operation read it.
    """

    role: Role
    place: Place
    text: str
    kind: WitnessKind = "name"
    weak: bool = False
    position: int = -1

    def __str__(self) -> str:
        return f"{self.text} ({self.place})"


@dataclass(frozen=True)
class AxisView:
    """One axis of one tensor, as far as tracking knows it.

    `identity` is the same number wherever the same axis stands; 0 for an axis made of several
    (`parts`, outermost first). `role` is what the witnesses that name or order the data agree
    on, and `sure` whether they prove it. `shared` says that the identity stood on two axes of one
    tensor when it was made (`randn(n, n)`). `reads` are the operations that read it as something.
    `grown` says how a size of one came about (`None`, `unsqueeze`, `keepdim`, `written`), empty
    where the code did not ask for it. `normalised` is the place of the softmax over it. `half`
    says that it is the outer (0) or inner (1) half of another axis that was taken apart.
    """

    size: int
    names: tuple[str, ...] = ()
    role: Role | None = None
    sure: bool = False
    shared: bool = False
    identity: int = 0
    witnesses: tuple[Witness, ...] = ()
    reads: tuple[Witness, ...] = ()
    origin: str = ""
    place: Place | None = None
    parts: tuple[AxisView, ...] = ()
    grown: str = ""
    normalised: Place | None = None
    half: tuple[int, int] | None = None

    @property
    def label(self) -> str:
        """The axis in a few words: its first telling name, its role, or how it came to be."""
        if self.parts:
            return "·".join(part.label for part in self.parts)
        telling = [name for name in self.names if len(name) > 1]
        if telling:
            return telling[0]
        if self.names:
            return f"{self.names[0]} ({self.role.value})" if self.role else self.names[0]
        return self.role.value if self.role else "?"

    @property
    def identities(self) -> tuple[int, ...]:
        """The identities that this axis holds, outermost first."""
        return tuple(p.identity for p in self.parts) if self.parts else (self.identity,)


@dataclass(frozen=True)
class Operand:
    """A tensor that took part in an operation. `text` is the expression as the user wrote it."""

    text: str
    shape: Shape
    axes: tuple[AxisView, ...] = ()
    dtype: str = ""
    made_by: str = ""
    made_at: Place | None = None
    lost: tuple[AxisView, ...] = ()  # axes that a squeeze() without dim took away on the way

    def __str__(self) -> str:
        names = ", ".join(axis.label for axis in self.axes)
        return f"{self.text or 'the tensor'} {self.shape}" + (f" = ({names})" if names else "")


@dataclass(frozen=True)
class Fact:
    """Something that tracking saw at a line of the user's."""

    place: Place


@dataclass(frozen=True)
class Broadcast(Fact):
    """An elementwise operation in which both operands grew.

    `grew` has one entry for each axis that grew: (which operand, the axis of the result).
    `asked` says for each operand how the code asked for an axis of size one (`None`,
    `unsqueeze`, `keepdim`, `view`, `expand`), empty where it did not. `related` is True
    where one operand was made from the other.
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
    """A loss read axis `axis` of `input` as the classes. `target` holds class numbers."""

    loss: str
    input: Operand
    target: Operand
    axis: int


@dataclass(frozen=True)
class Reshape(Fact):
    """A view or reshape. `wanted[i]` is the axis that the size expression of axis i names.

    `crossed` lists target axes whose sizes cut through axes of the source; `misplaced` those
    where `wanted` is an axis of the source that stands elsewhere. `literal` lists target sizes
    written as numbers. `permuted`: the target has the sizes of the source in another order, or
    those that one axis is made of; `counted` that the values are a count (`arange`).
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
    permuted: bool = False
    counted: bool = False


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
    where a layer was made for an axis that its input has at another position.
    """

    operation: str
    left: Operand
    right: Operand
    axes: tuple[AxisView, AxisView]
    positions: tuple[int, int]
    elsewhere: str = ""


@dataclass(frozen=True)
class Picked(Fact):
    """One index of an axis was picked, so that the axis is gone: `x[:, -1]`."""

    operand: Operand
    position: int
    index: int | None
    produced_by: str = ""
    produced_at: Place | None = None
    inside: str = ""


@dataclass(frozen=True)
class Squeezed(Fact):
    """A squeeze without dim. `removed` are the axes that went, `at_risk` would at size one."""

    operand: Operand
    removed: tuple[AxisView, ...]
    at_risk: tuple[AxisView, ...] = ()


@dataclass(frozen=True)
class Normalised(Fact):
    """A softmax (or its kin) over one axis of the operand."""

    operation: str
    operand: Operand
    position: int
    implicit: bool = False
    reads_class: bool = False


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
    """A mask was applied. `discarded`: the result is not used; `after_softmax`: too late."""

    operation: str
    operand: Operand
    mask: Operand
    discarded: bool = False
    after_softmax: Place | None = None
    fill: float | None = None


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
