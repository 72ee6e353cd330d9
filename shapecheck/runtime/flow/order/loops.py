"""Loops over the indices of one axis, and the axis along which their variable picks."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from types import FrameType
from typing import Any

from shapecheck.core.rows import LoopAcross
from shapecheck.runtime.flow.axes import Axes, Identity
from shapecheck.runtime.flow.call import Call
from shapecheck.runtime.flow.wording.reading import Source, text_of

_WRAPPERS = frozenset(("reversed", "tqdm", "trange", "list"))


def looped(call: Call, source: Axes, picked: list[tuple[int, int | None]]) -> None:
    """Record `x[t]` in `for t in range(x.size(1))`: the loop counts one axis, its index another.

    `picked` holds the positions that one index picks along, with the index. Told where the size
    that the loop runs to is that of another axis of this very tensor.
    """
    if call.source is None or not call.frames or len(source.items) < 2:
        return
    node = call.expression
    if not isinstance(node, ast.Subscript):
        return
    positions = {position for position, _ in picked}
    for position, name in _names(node, len(source.items)):
        if position in positions and source.items[position].size > 1:
            _one(call, source, position, name, node)


def _one(call: Call, source: Axes, position: int, name: str, node: ast.Subscript) -> None:
    assert call.source is not None
    count = _count(call.source, node, name)
    if count is None:
        return
    meant = call.tracker.sizes.speaks_of(count, call.frames, _value(count, call.frames[0]))
    own = source.items[position].single
    if meant is None or own is None or meant.shared or own is meant:
        return
    others = [i for i, axis in enumerate(source.items) if axis.single is meant]
    diagonal = name in (picks for at, picks in _names(node, len(source.items)) if at in others)
    if len(others) == 1 and not diagonal and not _derived(own, meant):
        operand = call.described(source, call.operand_text(0))
        call.emit(LoopAcross(call.place, operand, position, others[0], name, text_of(count)))


def _derived(own: Identity, meant: Identity) -> bool:
    """True for what was cut to the size of the other axis, as a square is."""
    return meant.serial in own.fitted or own.serial in meant.fitted


def _names(node: ast.Subscript, rank: int) -> Iterator[tuple[int, str]]:
    """The plain names between the brackets, each with the axis that it picks along."""
    inside = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    at = 0
    for i, element in enumerate(inside):
        if isinstance(element, ast.Constant) and element.value is None:
            continue
        if isinstance(element, ast.Constant) and element.value is Ellipsis:
            at = rank - (len(inside) - i - 1)
            continue
        if isinstance(element, ast.Name):
            yield at, element.id
        at += 1


def _count(source: Source, node: ast.AST, name: str) -> ast.expr | None:
    """The size that the loop of this variable runs to, as it is written."""
    inner: ast.AST | None = node
    while inner is not None and not isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef)):
        loops = getattr(inner, "generators", None) or [inner]
        for loop in loops:
            if not isinstance(loop, (ast.For, ast.comprehension)):
                continue
            if isinstance(loop.target, ast.Name) and loop.target.id == name:
                return _end(loop.iter)
        inner = source.parent(inner)
    return None


def _end(counted: ast.expr) -> ast.expr | None:
    """`n` of `range(n)`, `range(1, n)`, `reversed(range(n))` and `range(n - 1, -1, -1)`."""
    if not isinstance(counted, ast.Call) or not isinstance(counted.func, ast.Name):
        return None
    if counted.func.id in _WRAPPERS and counted.args:
        return _end(counted.args[0])
    if counted.func.id != "range" or not counted.args:
        return None
    end = counted.args[0 if len(counted.args) in (1, 3) else 1]
    if len(counted.args) == 3 and not isinstance(end, ast.BinOp):
        return None
    while isinstance(end, ast.BinOp) and isinstance(end.right, ast.Constant):
        end = end.left
    return end


def _value(count: ast.expr, frame: FrameType) -> int:
    """The number that a variable holds; 0 where it cannot be told, -1 never."""
    if not isinstance(count, ast.Name):
        return 0
    value: Any = frame.f_locals.get(count.id, frame.f_globals.get(count.id))
    return value if type(value) is int else 0
