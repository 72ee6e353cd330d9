"""Names that `zip` pairs with entries: it stops in silence where the shorter one ends."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Any

from torch import Tensor

from shapecheck.core.shares import NamesShort
from shapecheck.runtime.flow.axes import Axes
from shapecheck.runtime.flow.call import Call

_FEW = 2


def iterated(call: Call, source: Axes, at: int) -> None:
    """Record `zip(names, x)` with fewer names than entries, where a tensor of the program has a row
    for each entry, and a column for each name.

    A list that is cut where it is given (`names[:3]`) is meant to be shorter.
    """
    node = call.expression
    if at != 0 or not source.items or not isinstance(node, ast.Call) or not call.frames:
        return
    if not isinstance(node.func, ast.Name) or node.func.id != "zip":
        return
    frame, entries = call.frames[0], source.shape[0]
    known = {**frame.f_globals, **frame.f_locals}
    for argument in node.args:
        words = known.get(argument.id) if isinstance(argument, ast.Name) else None
        if not isinstance(words, (list, tuple)) or not _FEW <= len(words) < entries:
            continue
        table = next(_tables(known, entries, len(words)), "")
        if table and all(isinstance(word, str) for word in words):
            operand = call.described(source, _other(node, argument))
            call.emit(NamesShort(call.place, operand, ast.unparse(argument), len(words), table))
            return


def _other(node: ast.Call, names: ast.expr) -> str:
    """The other argument, where there is one."""
    others = [a for a in node.args if a is not names]
    return ast.unparse(others[0]) if len(others) == 1 else ""


def _tables(known: Mapping[str, Any], rows: int, columns: int) -> Iterator[str]:
    for name, value in known.items():
        if isinstance(value, Tensor) and tuple(value.shape) == (rows, columns):
            yield name
