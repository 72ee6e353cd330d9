"""Axes with an identity that moves through operations: the algebra, without any tensor.

An axis of a tensor is an ordered composite of parts. Each part is an identity with its size, so
that `(B, T) -> (B*T)` keeps both and a later view can take them apart again. An identity that is
split (`d_model -> heads, d_head`) has children, and two neighbouring children that complete
their parent become the parent again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import count
from math import prod
from weakref import WeakValueDictionary

from shapecheck.core.axis import Role
from shapecheck.core.facts import AxisView, Witness
from shapecheck.core.site import Place
from shapecheck.core.tracked import StackView, agreed
from shapecheck.runtime.flow.marks import NONE, Marks

_serials = count(1)
_living: WeakValueDictionary[int, Identity] = WeakValueDictionary()
_MOST_WITNESSES = 12
_MOST_BESIDE = 100
SEVERAL = "part of several axes"
PRODUCT = "product"  # the origin of an axis whose size is written so: `randn(28 * 24)`


class Stack:
    """The layers and directions of one recurrent state, and how the code uses them."""

    __slots__ = ("directions", "layers", "picked", "whole")

    def __init__(self, layers: int, directions: int) -> None:
        self.layers = layers
        self.directions = directions
        self.picked: set[int] = set()
        self.whole = False

    def view(self) -> StackView:
        """As a plain value."""
        return StackView(self.layers, self.directions, tuple(sorted(self.picked)), self.whole)


class Identity:
    """What one axis is, wherever it stands: where it came from, its names, what it was read as.

    `declared` are witnesses that name the axis or order its data; `reads` are operations that
    read it as something. `shared` says that it stood on two axes of one tensor when it was made
    (`randn(n, n)`), so that its name tells nothing about which of them is meant; `declared_in` is
    the call in which an annotation named it, apart from the others; `sliced` that parts of it were
    taken somewhere, `shuffled` where some were at random, `arranged` by an order, `rolled` that
    others stand in their places, `fitted` the axes whose sizes these were cut to. `beside` are the
    axes that stood beside it in one tensor of data (not in a weight): others, whatever their size.
    `given` are those of them in a tensor brought in or made, not computed, each with whether their
    sizes differed there. `stack` is set for the layers of a recurrent state; `ends` which of
    `x[:-1]` and `x[1:]` were taken; `word` is what a comment calls it where that is no role
    (`machines`).
    """

    __slots__ = (
        "__weakref__",
        "arranged",
        "beside",
        "children",
        "declared",
        "declared_in",
        "ends",
        "fitted",
        "given",
        "names",
        "origin",
        "parent",
        "place",
        "reads",
        "rolled",
        "rows",
        "serial",
        "shared",
        "shuffled",
        "sliced",
        "stack",
        "word",
    )

    def __init__(self, origin: str = "", place: Place | None = None) -> None:
        self.serial = next(_serials)
        self.origin = origin
        self.place = place
        self.names: dict[str, Place] = {}
        self.declared: list[Witness] = []
        self.declared_in: object = None
        self.reads: list[Witness] = []
        self.children: dict[tuple[int, int], tuple[Identity, Identity]] = {}
        self.parent: tuple[Identity, int, tuple[int, int]] | None = None
        self.shared = False
        self.sliced = False
        self.rolled = False
        self.shuffled: Place | None = None
        self.arranged = False
        self.rows: tuple[tuple[Part, ...], object] | None = None
        self.beside: set[int] = set()
        self.given: dict[int, bool] = {}
        self.stack: Stack | None = None
        self.ends: set[str] = set()
        self.word = ""
        self.fitted: set[int] = set()
        _living[self.serial] = self

    def witness(self, witness: Witness) -> None:
        """Add a reason, once for each place and wording."""
        kept = self.reads if witness.kind == "contract" else self.declared
        if witness not in kept and len(kept) < _MOST_WITNESSES:
            kept.append(witness)

    def role(self) -> tuple[Role | None, bool]:
        """The role the declared witnesses agree on, and whether they prove it.

        One telling witness proves it unless another says otherwise, or two weak ones do.
        """
        return agreed(self.declared)

    @property
    def evidence(self) -> bool:
        """True where anybody said anything about this axis."""
        return bool(self.names or self.declared or self.reads)

    def split(self, outer: int, inner: int) -> tuple[Identity, Identity]:
        """The two identities that this one becomes when its indices are read as (outer, inner)."""
        key = (outer, inner)
        if self.rolled:
            return Identity("split", self.place), Identity("split", self.place)
        if key not in self.children:
            how = f"split of a {PRODUCT}" if self.origin == PRODUCT else "split"
            pair = (Identity(how, self.place), Identity(how, self.place))
            for index, child in enumerate(pair):
                child.parent = (self, index, key)
            self.children[key] = pair
        return self.children[key]

    def __repr__(self) -> str:
        name = "/".join(self.names) or self.origin or "?"
        return f"{name}#{self.serial}"


def learn(identities: Iterable[Identity | None], said: Iterable[Witness | None]) -> None:
    """Add what names say together to their axes, where nothing proves otherwise."""
    for identity, witness in zip(identities, said, strict=True):
        if identity is None or witness is None:
            continue
        role, sure = identity.role()
        if not sure or role is witness.role:
            identity.witness(witness)


@dataclass(frozen=True, slots=True)
class Part:
    """An identity with the size it has here."""

    identity: Identity
    size: int


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis of one tensor: its parts, outermost first, and what holds for this position.

    `grown` says which construction made it, for an axis of size one. `normalised` is where a
    softmax ran over it, `product` what came in since: values that were multiplied (`times`), or
    logarithms added (`plus`). `unit` is where it was divided by its norm, `uniform` where a mask
    was applied that is the same all along it, `masked` that one was which is not. `padded` is
    where sequences of several lengths end along it, `side` whose it is in an error of all pairs.
    """

    parts: tuple[Part, ...]
    grown: str = ""
    normalised: Place | None = None
    product: str = ""
    unit: Place | None = None
    uniform: Place | None = None
    masked: bool = False
    padded: Place | None = None
    side: str = ""

    @property
    def size(self) -> int:
        """Number of indices."""
        return prod(part.size for part in self.parts)

    @property
    def single(self) -> Identity | None:
        """The identity, where the axis is not made of several."""
        return self.parts[0].identity if len(self.parts) == 1 else None

    @property
    def evidence(self) -> bool:
        """True where anything is known about any part."""
        return any(part.identity.evidence for part in self.parts)

    def plain(self) -> Axis:
        """The same axis without what holds for this position only."""
        held = self.grown or self.normalised or self.product or self.unit or self.uniform
        if not (held or self.masked or self.side):
            return self
        return Axis(self.parts, padded=self.padded)

    def with_size(self, size: int) -> Axis:
        """The same axis with fewer or more indices (a slice): its composition is lost."""
        return self if size == self.size else self.chosen(size)

    def chosen(self, size: int) -> Axis:
        """Some indices of this axis in any order: its composition is lost."""
        if len(self.parts) == 1:
            identity = self.parts[0].identity
            identity.sliced, identity.rolled = True, identity.rolled or size >= self.size
            return replace(self, parts=(Part(identity, size),))
        return Axis((Part(Identity(SEVERAL), size),))


class Axes:
    """The axes of a tensor. Compared by identity, so that it can key a memo.

    `state` says which recurrent state the tensor is (("c_n", place) or None); `made_by` and
    `made_at` name the operation; `lost` are axes that a squeeze() without dim took away;
    `root` is the Axes it was derived from without changing values (views, casts), `reduced`
    the one that this is a sum or norm of, `reduced_by` says which; `packed` are the batch and the
    time of a packed sequence; `stack` is that of the recurrent layer whose outputs these are;
    `flat` says of indices into which axes, laid one after another, they lead, `marks` more of how
    it came about.
    """

    __slots__ = (
        "flat",
        "items",
        "lost",
        "made_at",
        "made_by",
        "marks",
        "packed",
        "reduced",
        "reduced_by",
        "root",
        "shape",
        "stack",
        "state",
    )

    def __init__(
        self,
        items: Iterable[Axis],
        made_by: str = "",
        made_at: Place | None = None,
        *,
        like: Axes | None = None,
        weight: bool = False,
    ) -> None:
        self.items: tuple[Axis, ...] = tuple(items)
        self.shape: tuple[int, ...] = tuple([axis.size for axis in self.items])
        self.made_by = made_by
        self.made_at = made_at
        self.state: tuple[str, Place] | None = like.state if like else None
        self.lost: tuple[Axis, ...] = like.lost if like else ()
        self.reduced: Axes | None = None
        self.reduced_by = ""
        self.packed: tuple[Axis, Axis] | None = None
        self.stack: Stack | None = None
        self.flat: tuple[Part, ...] = like.flat if like else ()
        self.marks: Marks = like.marks if like else NONE
        self.root: Axes = like.root if like else self
        if len(self.items) > 1 and not weight:
            _stand_beside([axis.parts[0].identity for axis in self.items if len(axis.parts) == 1])

    def __repr__(self) -> str:
        return "(" + ", ".join("*".join(map(repr, parts_of(a))) for a in self.items) + ")"


def _stand_beside(identities: list[Identity]) -> None:
    for one in identities:
        if len(one.beside) < _MOST_BESIDE:
            one.beside.update(other.serial for other in identities if other is not one)


def given(axes: Axes) -> Axes:
    """Note that these axes were given as those of one tensor: none is another of them."""
    items = [axis for axis in axes.items if axis.single is not None and axis.size > 1]
    for axis in items if len(items) > 1 else ():
        for other in items:
            if axis.single is not other.single and axis.single and other.single:
                axis.single.given.setdefault(other.single.serial, axis.size != other.size)
    return axes


def parts_of(axis: Axis) -> Iterator[Identity]:
    """The identities of an axis, outermost first."""
    return (part.identity for part in axis.parts)


def view_of(axis: Axis) -> AxisView:
    """The axis as a plain value."""
    if len(axis.parts) == 1:
        part = axis.parts[0]
        return _identity_view(part.identity, part.size, axis)
    parts = tuple(_identity_view(part.identity, part.size, None) for part in axis.parts)
    return AxisView(axis.size, parts=parts, grown=axis.grown, normalised=axis.normalised)


def refreshed(view: AxisView) -> AxisView:
    """The view with what is known about its identity by now."""
    if view.parts:
        return replace(view, parts=tuple(refreshed(part) for part in view.parts))
    identity = _living.get(view.identity)
    if identity is None and view.stack:  # what was picked since, nobody can tell
        return replace(view, stack=replace(view.stack, whole=True))
    if identity is None:
        return view
    now = _identity_view(identity, view.size, None)
    return replace(now, grown=view.grown, normalised=view.normalised, padded=view.padded)


def _identity_view(identity: Identity, size: int, axis: Axis | None) -> AxisView:
    role, sure = identity.role()
    return AxisView(
        size=size,
        names=tuple(identity.names),
        role=role,
        sure=sure and not identity.shared,
        shared=identity.shared,
        identity=identity.serial,
        witnesses=tuple(identity.declared),
        reads=tuple(identity.reads),
        origin=identity.origin,
        place=identity.place,
        grown=axis.grown if axis else "",
        normalised=axis.normalised if axis else None,
        half=(identity.parent[0].serial, identity.parent[1]) if identity.parent else None,
        padded=axis.padded if axis else None,
        stack=identity.stack.view() if identity.stack else None,
        word=identity.word,
    )
