"""Indices into axes that were flattened, and how they are taken apart again."""

from __future__ import annotations

import ast
from itertools import accumulate
from operator import mul

from shapecheck.core.sums import FlatIndex
from shapecheck.runtime.flow.axes import Axes, Axis, Part, view_of
from shapecheck.runtime.flow.call import Call

_MOST_PARTS = 6
DIVISIONS = frozenset(
    ("__floordiv__", "floor_divide", "__mod__", "remainder", "fmod", "div", "divide")
)


def flat_parts(axes: list[Axis]) -> tuple[Part, ...]:
    """What an index into these axes, laid one after another, is made of; () for one axis."""
    parts = tuple(part for axis in axes for part in axis.parts)
    return parts if 1 < len(parts) <= _MOST_PARTS else ()


def taken_apart(call: Call, index: Axes) -> None:
    """A flat index is divided by a number: by the size of what stands within, if it is right."""
    divisor = call.get(1, "other")
    if not index.flat or call.name not in DIVISIONS or type(divisor) is not int or divisor < 2:
        return
    if call.name in ("div", "divide") and call.kwargs.get("rounding_mode") is None:
        return
    sizes = [part.size for part in index.flat]
    within = set(accumulate(reversed(sizes[1:]), mul))
    node = call.expression
    written = node.right if isinstance(node, ast.BinOp) else None
    written = written or call.written_argument(1, "other", method=True)
    meant = call.tracker.sizes.speaks_of(written, call.frames, divisor)
    *outer, last = index.flat
    if meant is None:
        found = None if divisor in within else next((p for p in outer if p.size == divisor), None)
    elif meant is last.identity or meant.shared:
        return
    else:
        found = next((p for p in outer if p.identity is meant), None)
    if found is not None:
        views = (view_of(Axis((found,))), view_of(Axis((last,))))
        operand = call.described(index, call.operand_text(0))
        call.emit(FlatIndex(call.place, call.name, operand, divisor, *views, tuple(sizes)))
