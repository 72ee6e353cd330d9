"""Positions that were counted along one axis, looked up in a table, and added to a sequence."""

from __future__ import annotations

import ast
import re
from dataclasses import replace

from shapecheck.core.axis import Role
from shapecheck.core.facts import Witness
from shapecheck.core.samples import counts_samples
from shapecheck.core.sums import PositionsOfHeads, PositionsOfSamples
from shapecheck.runtime.flow.axes import Axes, Axis, Identity
from shapecheck.runtime.flow.call import Call
from shapecheck.runtime.flow.marks import Counted, Marks
from shapecheck.runtime.flow.wording.reading import text_of

# What a table of positions is called. Any other word (`frame`, `row`, `h`) may say of what.
_POSITION = frozenset(("pos", "position", "positions", "positional", "wpe"))
_KINDS = (
    "emb embed embeds embedding embeddings embedder enc encoding encodings encoder table ids id "
    "idx index indices learned"
)
_TABLE = frozenset(_KINDS.split())
_KEEPS = frozenset(("to", "detach", "unsqueeze", "type_as", "expand", "narrow"))


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


def _words(node: ast.expr | None) -> set[str]:
    if not isinstance(node, (ast.Name, ast.Attribute)):
        return set()
    name = node.id if isinstance(node, ast.Name) else node.attr
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+|\d+", name)}


def learnt(call: Call, left: Axes, right: Axes) -> None:
    """A table with a row for each position, by its name, is added: its rows lie along time."""
    for table, other, at in ((left, right, 0), (right, left, 1)):
        wide = [i for i in range(-len(table.items), 0) if table.items[i].size > 1]
        if len(other.items) != 3 or len(wide) != 2 or wide[1] != -1 or wide[0] < -3:
            continue
        text = call.operand_text(at)
        words = _words(_table(call.operand_node(at)))
        if not words & _POSITION or not words <= _POSITION | _TABLE:
            continue
        own, met = table.items[wide[0]].single, other.items[wide[0]].single
        if met is None or met.shared or table.items[wide[0]].size != other.items[wide[0]].size:
            continue
        if _samples(met) and any(_time(axis) for axis in other.items):
            operands = call.described(table, text), call.described(other)
            call.emit(PositionsOfSamples(call.place, call.name, *operands, wide[0] + 3))
            continue
        said = f"{text} has a row for each position along axis {wide[0] + 3}"
        for identity in (own, met):
            if identity is not None and identity.role()[0] is None:
                identity.witness(Witness(Role.TIME, call.place, said))


def _samples(identity: Identity) -> bool:
    """True for what is known as the batch, or called by a word for samples."""
    if identity.role() == (Role.BATCH, True):
        return True
    return identity.role()[0] is None and any(map(counts_samples, identity.names))


def _time(axis: Axis) -> bool:
    return axis.single is not None and axis.single.role() == (Role.TIME, True)


def _table(node: ast.expr | None) -> ast.expr | None:
    """`self.pos` of `self.pos[:, :n]` and `self.pos.to(x)`."""
    while isinstance(node, ast.Subscript) or (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    ):
        node = node.value if isinstance(node, ast.Subscript) else node.func
        if isinstance(node, ast.Attribute) and node.attr in _KEEPS:
            node = node.value
    return node


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


_WAVES = frozenset(("sin", "cos"))
_LAYERS = ("nn.Linear", "nn.Embedding", "nn.LayerNorm")


def waved(call: Call, left: Axes, right: Axes) -> None:
    """Sines of positions meet a sequence along the heads, and nothing of them lies along time.

    Angles of pairs of features stand in a table that has the steps as well. Which axis is time,
    attention may tell that comes later.
    """
    for table, other, at in ((left, right, 0), (right, left, 1)):
        if table.root.made_by not in _WAVES or len(other.items) < 4 or len(table.items) < 2:
            continue
        heads = len(other.items) - 2
        if any(axis.size > 1 for axis in table.items[:-2]):
            continue
        if _counted_along(table.items[-2], other.items[heads]) and _are_heads(
            other.items[heads], other.items[heads + 1]
        ):
            operands = call.described(table, call.operand_text(at)), call.described(other)
            call.emit(PositionsOfHeads(call.place, call.name, *operands, heads))


def _counted_along(own: Axis, heads: Axis) -> bool:
    """True where positions were counted along the heads, or a table was cut to their number."""
    if own.single is None or heads.single is None or own.size != heads.size or own.size == 1:
        return False
    return own.single is heads.single or heads.single.serial in own.single.fitted


def _are_heads(outer: Axis, inner: Axis) -> bool:
    """True for the two that the features of a layer were split into."""
    one = outer.single.parent if outer.single else None
    other = inner.single.parent if inner.single else None
    if one is None or other is None or one[0] is not other[0] or (one[1], other[1]) != (0, 1):
        return False
    return one[0].role()[0] is Role.FEATURE or one[0].origin.startswith(_LAYERS)


def _is(axis: Axis, identity: Identity) -> bool:
    return axis.size > 1 and axis.single is identity
