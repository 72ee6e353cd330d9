"""Flattened axes that meet index by index: do they hold what they were made of in one order?

`(T, B, V) -> (T·B, V)` beside `(B, T) -> (B·T,)`: every size is right, and element n of one belongs
to another element of the other. Laying two products along each other is a reshape from one to
the other, so the same two signs tell: an axis that both hold at different strides, and sizes that
have no common boundary.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import accumulate, groupby, pairwise
from math import prod
from operator import mul

from shapecheck.core.axis import Role
from shapecheck.runtime.flow.axes import Axis, Identity, Part

_REPEATS = ("expand", "repeat", "tile", "broadcast")
_ORDERED = (Role.BATCH, Role.TIME)


def out_of_order(a: Axis, b: Axis) -> str:
    """How two axes disagree about the order of what they hold; "" where nothing is known.

    `order`: both hold one axis, at different strides. `regrouped`: their sizes or roles say so.
    """
    one, other = _held(taken_apart(a, b)), _held(taken_apart(b, a))
    if len(one) < 2 or len(other) < 2 or one == other:
        return ""
    if _displaced(one, other):
        return "order"
    if _shares(one, other):
        return ""
    return "regrouped" if _cuts(one, other) or _turned(one, other) else ""


def taken_otherwise(one: Identity, other: Identity) -> tuple[str, Axis, Axis] | None:
    """Entries of two flattened axes that one index took, where these disagree about their order."""
    if one.rows is None or other.rows is None or one.rows[1] is not other.rows[1]:
        return None
    a, b = Axis(one.rows[0]), Axis(other.rows[0])
    how = out_of_order(a, b)
    return (how, a, b) if how else None


def taken_apart(axis: Axis, beside: Axis) -> Axis:
    """The axis as the two that it was split into, where `beside` holds one of these and not both.

    Statistics of groups, say, laid beside the samples that were put in groups. Both in another
    order are the same entries shuffled on purpose.
    """
    whole = axis.single
    if whole is None or len(beside.parts) < 2:
        return axis
    split = [parent for part in beside.parts if (parent := part.identity.parent)]
    keys = [key for identity, _, key in split if identity is whole]
    if len(keys) != 1 or keys[0][0] * keys[0][1] != axis.size:
        return axis
    children = zip(whole.split(*keys[0]), keys[0], strict=True)
    return Axis(tuple(Part(child, size) for child, size in children))


def _held(axis: Axis) -> tuple[Part, ...]:
    return tuple(part for part in axis.parts if part.size > 1)


def _strides(parts: tuple[Part, ...]) -> list[int]:
    """How far apart neighbours of each part lie."""
    inner = list(accumulate((part.size for part in reversed(parts)), mul, initial=1))
    return inner[-2::-1]


def _displaced(one: tuple[Part, ...], other: tuple[Part, ...]) -> bool:
    for i, stride in _once(one):
        for j, across in _once(other):
            same = one[i].identity is other[j].identity and one[i].size == other[j].size
            if same and stride != across and not _all_pairs(one, other, one[i].size):
                return True
    return False


def _once(parts: tuple[Part, ...]) -> list[tuple[int, int]]:
    """(index, stride) of the parts whose identity stands here once, and tells which axis it is."""
    held = [part.identity for part in parts]
    return [
        (i, stride)
        for i, stride in enumerate(_strides(parts))
        if held.count(held[i]) == 1 and not held[i].shared
    ]


def _all_pairs(one: tuple[Part, ...], other: tuple[Part, ...], size: int) -> bool:
    """True for n repeats of n entries, laid out both ways: each is paired with each on purpose."""
    return all(
        len(parts) == 2 and any(_copies(part) and part.size == size for part in parts)
        for parts in (one, other)
    )


def _copies(part: Part) -> bool:
    return part.identity.origin.startswith(_REPEATS)


def _shares(one: tuple[Part, ...], other: tuple[Part, ...]) -> bool:
    held = {part.identity for part in one}
    return any(part.identity in held for part in other)


def _cuts(one: tuple[Part, ...], other: tuple[Part, ...]) -> bool:
    """True where the boundaries of the two form no chain: what meets one row is of several.

    Or where they hold the same sizes in another order, though these divide: (2·8) beside (8·2).
    """
    edges = sorted({*_edges(one), *_edges(other)})
    return _reversed(one, other) or any(edge % inner for inner, edge in pairwise(edges))


def _reversed(one: tuple[Part, ...], other: tuple[Part, ...]) -> bool:
    """True where both hold the same sizes in another order, copies and what is copied as wholes."""
    for left, right in ((_sizes(one), _sizes(other)), (_blocks(one), _blocks(other))):
        if left != right and sorted(left) == sorted(right):
            return True
    return False


def _sizes(parts: tuple[Part, ...]) -> list[int]:
    return [part.size for part in parts]


def _blocks(parts: tuple[Part, ...]) -> list[int]:
    """The sizes of what was copied, whatever it is made of, and of how often: (2·(4·4))."""
    return [prod(part.size for part in block) for _, block in groupby(parts, _copies)]


def _edges(parts: tuple[Part, ...]) -> Iterable[int]:
    return _strides(parts)[:-1]


def _turned(one: tuple[Part, ...], other: tuple[Part, ...]) -> bool:
    """True where one holds samples of steps and the other steps of samples, both for sure."""
    left, right = _roles(one), _roles(other)
    return left == list(reversed(right)) and set(left) == set(_ORDERED)


def _roles(parts: tuple[Part, ...]) -> list[Role | None]:
    return [_sure(part.identity) for part in parts]


def _sure(identity: Identity) -> Role | None:
    role, sure = identity.role()
    return role if sure and not identity.shared else None
