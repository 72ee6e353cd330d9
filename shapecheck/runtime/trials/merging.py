"""A size written as a product of names, `rows * columns`, for an axis that merges something else.

Sizes of one value hide it: where `size` and `rows` are both 2, `size * columns` is as many as
`rows * columns`. The names are those of the axes that the merged tensor has.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from shapecheck.core.axis import Role
from shapecheck.core.site import Place
from shapecheck.runtime.flow.axes import Axes, Axis, Identity
from shapecheck.runtime.flow.call import Call
from shapecheck.runtime.flow.wording.targets import size_nodes


@dataclass(frozen=True)
class Merged:
    """An axis written as a product of `written` that holds axes called `held` instead."""

    place: Place
    operation: str
    written: tuple[str, str]
    held: tuple[str, str]


def merged(call: Call, source: Axes, result: Axes, before: Axes | None) -> Iterator[Merged]:
    """What a reshape merges otherwise than written. `before` is the tensor before it was permuted.

    Other axes than those named, though these are there; or those named, in the order that a
    permutation gave them against the one that is written and that they had.
    """
    for axis, node in zip(
        result.items, size_nodes(call, 1, "shape", len(result.items)), strict=True
    ):
        names = _factors(node)
        if not names or len(axis.parts) != 2:
            continue
        found = [_named(source, name) for name in names]
        first, second = found
        if first is None or second is None or first is second:
            continue
        parts = [part.identity for part in axis.parts]
        if set(map(id, parts)) != {id(first), id(second)}:
            wrong = all(part.names for part in parts)
        else:
            wrong = parts[0] is second and before is not None and _in_order(before, first, second)
        if wrong:
            held = (_called(parts[0]), _called(parts[1]))
            text = f"{call.name}: {source.shape} → {result.shape}"
            yield Merged(call.place, text, names, held)


def _factors(node: ast.expr | None) -> tuple[str, str] | None:
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Mult):
        return None
    left, right = node.left, node.right
    if isinstance(left, ast.Name) and isinstance(right, ast.Name) and left.id != right.id:
        return left.id, right.id
    return None


def _named(source: Axes, name: str) -> Identity | None:
    """The one axis of this name; None where there are none or several."""
    found = [i for i in map(_single, source.items) if i is not None and name in i.names]
    return found[0] if len(found) == 1 and not found[0].shared else None


def _single(axis: Axis) -> Identity | None:
    return axis.single


def _called(identity: Identity) -> str:
    return next(iter(identity.names), "?")


def _in_order(axes: Axes, first: Identity, second: Identity) -> bool:
    """True where the two stood in this order."""
    if Role.BATCH in (first.role()[0], second.role()[0]):
        return False  # time in front is a way to lay out sequences, and a product has no order
    held = [axis.single for axis in axes.items]
    return first in held and second in held and held.index(first) < held.index(second)
