"""Operations that follow the order of an axis: sums so far, differences, neighbours by a slice."""

from __future__ import annotations

import ast
from typing import Literal

from shapecheck.core.axis import Role
from shapecheck.core.facts import Ordered
from shapecheck.core.tracked import agreed
from shapecheck.runtime.flow.axes import Axes, Axis
from shapecheck.runtime.flow.call import Call

_STEPS = frozenset(("t", "step", "timestep", "time_step", "time"))
End = Literal["", "head", "tail"]


def follows(call: Call, source: Axes, position: int, *, sliced: bool = False) -> None:
    """Record an operation that follows the order of the batch where there is a time axis."""
    if not 0 <= position < len(source.items) or _role(source.items[position]) is not Role.BATCH:
        return
    others = [axis for i, axis in enumerate(source.items) if i != position and axis.size > 1]
    if any(_role(axis) is Role.TIME for axis in others):
        operand = call.described(source, call.operand_text(0))
        call.emit(Ordered(call.place, call.name, operand, position, sliced=sliced))


def shifted(call: Call, source: Axes, position: int, end: End) -> None:
    """Record a shift by one along what a layer reads as the batch: `x[:-1]` beside `y[1:]`.

    One of the two alone leaves a sample out; it takes both to lay neighbours beside each other.
    """
    axis = source.items[position]
    if axis.single is None or len(source.items) < 2 or axis.single.declared:
        return
    axis.single.ends.add(end)
    if len(axis.single.ends) < 2 or agreed(axis.single.reads) != (Role.BATCH, True):
        return
    operand = call.described(source, call.operand_text(0))
    call.emit(Ordered(call.place, call.name, operand, position, shifted=True))


def stepped(call: Call, source: Axes, position: int) -> None:
    """Record that `x[:, t]` picks a sample, where the code calls the index a step in time."""
    if not any(_is_step(element) for element in _elements(call)[position : position + 1]):
        return
    follows(call, source, position)


def _elements(call: Call) -> list[ast.expr]:
    node = call.expression
    if not isinstance(node, ast.Subscript):
        return []
    return node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]


def _is_step(element: ast.expr) -> bool:
    if isinstance(element, ast.BinOp) and isinstance(element.right, ast.Constant):
        element = element.left
    return isinstance(element, ast.Name) and element.id in _STEPS


def neighbours(element: slice) -> End:
    """Which end stays of `[1:]` and `[:-1]`, which lay each entry beside the one before it."""
    if element.step is not None:
        return ""
    if element.start is None and element.stop == -1:
        return "head"
    return "tail" if element.start == 1 and element.stop is None else ""


def _role(axis: Axis) -> Role | None:
    if axis.single is None:
        return None
    role, sure = axis.single.role()
    return role if sure and not axis.single.shared else None
