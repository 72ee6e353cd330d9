"""An axis as tracking knows it: its identity, its names and roles with their witnesses.

Plain frozen values, and what two roles on one axis mean.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from shapecheck.core.axis import Role
from shapecheck.core.site import Place

Shape = tuple[int, ...]
WitnessKind = Literal["name", "comment", "unit", "loader", "contract", "declared"]


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
        (Role.CLASS, Role.HEIGHT),
        (Role.CLASS, Role.WIDTH),
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


def agreed(witnesses: Iterable[Witness]) -> tuple[Role | None, bool]:
    """The role that most of the witnesses give, and whether that is proven."""
    strong: dict[Role, int] = {}
    weak: dict[Role, set[str]] = {}
    for w in witnesses:
        if w.weak:
            # Comments are one person's word, however many there are, and so are days and hours.
            word = w.kind if w.kind in ("comment", "unit") else f"{w.kind}:{w.text}"
            weak.setdefault(w.role, set()).add(word)
        else:
            strong[w.role] = strong.get(w.role, 0) + 1
    if len(strong) == 1:
        return next(iter(strong)), True
    if strong:
        return max(strong, key=lambda role: strong[role]), False
    if len(weak) == 1:
        role, words = next(iter(weak.items()))
        return role, len(words) > 1
    return None, False


@dataclass(frozen=True)
class StackView:
    """The first axis of a recurrent state: layers times directions, and which were picked.

    `picked` counts from the front. `whole` is True where the state was used in another way too.
    """

    layers: int
    directions: int
    picked: tuple[int, ...] = ()
    whole: bool = False


@dataclass(frozen=True)
class AxisView:
    """One axis of one tensor, as far as tracking knows it.

    `identity` is the same number wherever the same axis stands; 0 for an axis made of several
    (`parts`, outermost first). `role` is what the witnesses that name or order the data agree
    on, and `sure` whether they prove it. `shared` says that the identity stood on two axes of one
    tensor when it was made (`randn(n, n)`). `reads` are the operations that read it as something.
    `grown` says how a size of one came about (`None`, `unsqueeze`, `keepdim`, `written`), empty
    where the code did not ask for it. `normalised` is the place of the softmax over it. `half`
    says that it is the outer (0) or inner (1) half of another axis that was taken apart. `padded`
    is where sequences of several lengths were padded along it, so that its end is not data;
    `stack` says what the layers of a recurrent state are, `word` what a comment calls an axis whose
    role it does not tell (`machines`).
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
    padded: Place | None = None
    stack: StackView | None = None
    word: str = ""

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
