"""Positions that were counted along one axis, looked up in a table, and added to a sequence."""

from __future__ import annotations

import ast
import re
from dataclasses import replace

from shapecheck.core.sums import PositionsOfSamples
from shapecheck.runtime.flow.axes import Axes, Axis, Identity
from shapecheck.runtime.flow.call import Call
from shapecheck.runtime.flow.marks import Counted, Marks
from shapecheck.runtime.flow.reading import text_of

# What a table of positions is called. Any other word (`frame`, `row`, `h`) may say of what.
_POSITION = frozenset(("pos", "position", "positions", "positional", "wpe"))
_KINDS = (
    "emb embed embeds embedding embeddings embedder enc encoding encodings encoder table ids id "
    "idx index indices learned"
)
_TABLE = frozenset(_KINDS.split())


def looked_up(call: Call, index: Axes, marks: Marks) -> Marks:
    """The marks of rows of a table: whether its name and that of the index say positions."""
    counted = index.root
    axis = counted.items[0].single if len(counted.items) == 1 else None
    if axis is None or counted.made_by != "arange" or counted.shape[0] < 2:
        return marks
    node = call.expression
    if not isinstance(node, ast.Call) or len(node.args) != 1:
        return marks
    table, given = _words(node.func), _words(node.args[0])
    if not table <= _POSITION | _TABLE or not (table | given) & _POSITION:
        return marks
    return replace(marks, counted=Counted(axis, text_of(node)))


def _words(node: ast.expr) -> set[str]:
    if not isinstance(node, (ast.Name, ast.Attribute)):
        return set()
    name = node.id if isinstance(node, ast.Name) else node.attr
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+|\d+", name)}


def added(call: Call, left: Axes, right: Axes) -> None:
    """A table of positions meets a sequence along the axis that they were counted along."""
    for table, other in ((left, right), (right, left)):
        counted = table.marks.counted
        if counted is None or len(other.items) != 3:
            continue
        for i in range(-len(table.items), 0):
            if _is(table.items[i], counted.axis) and _is(other.items[i], counted.axis):
                operands = call.described(table, counted.text), call.described(other)
                call.emit(PositionsOfSamples(call.place, call.name, *operands, i + 3))


def _is(axis: Axis, identity: Identity) -> bool:
    return axis.size > 1 and axis.single is identity
