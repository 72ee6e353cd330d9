"""Axes that are cut to the size of another: `memory[-length:]`, `table[:, :x.size(1)]`."""

from __future__ import annotations

import ast
from typing import Any

from shapecheck.runtime.flow.axes import Axis
from shapecheck.runtime.flow.call import Call


def fitted(call: Call, axes: tuple[Axis, ...], elements: list[Any]) -> None:
    """Note which axes a slice cuts to the size that another axis has, as the brackets are written.

    What is left of them may stand beside that axis: their sizes are equal by design.
    """
    node = call.expression
    if not isinstance(node, ast.Subscript) or not any(isinstance(e, slice) for e in elements):
        return
    written = list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]
    if len(written) != len(elements):
        return
    at = 0
    for element, one in zip(elements, written, strict=True):
        if element is None:
            continue
        if not isinstance(element, (slice, int)) or at >= len(axes):
            return
        if isinstance(element, slice) and isinstance(one, ast.Slice):
            _fitted(call, axes[at], element, one)
        at += 1


def _fitted(call: Call, axis: Axis, element: slice, written: ast.Slice) -> None:
    size = len(range(*element.indices(axis.size)))
    bound = _count(written)
    if axis.single is None or bound is None:
        return
    other = call.tracker.sizes.speaks_of(bound, call.frames, size)
    if other is not None and other is not axis.single:
        axis.single.fitted.add(other.serial)


def _count(written: ast.Slice) -> ast.expr | None:
    """The expression of how many are taken: `n` of `[:n]` and of `[-n:]`."""
    if written.step is not None or (written.lower is None) is (written.upper is None):
        return None
    if written.upper is not None:
        return written.upper
    low = written.lower
    return low.operand if isinstance(low, ast.UnaryOp) and isinstance(low.op, ast.USub) else None
