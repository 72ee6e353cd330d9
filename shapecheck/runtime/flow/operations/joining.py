"""Joining tensors along an axis, and taking them apart again."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

from torch import Tensor

from shapecheck.runtime.flow.axes import Axes, Axis
from shapecheck.runtime.flow.call import Call, positive, shape_of
from shapecheck.runtime.flow.contracts import directions, reversing
from shapecheck.runtime.flow.meeting import beside, both, meet
from shapecheck.runtime.flow.order import halves, pairing, zipped
from shapecheck.runtime.flow.order.factoring import cut_out
from shapecheck.runtime.flow.register import flows
from shapecheck.runtime.flow.statistics import columns
from shapecheck.runtime.flow.wording.counting import along, repeated

FAMILY = "joining and splitting"
_MOST_COMPARED = 8


def _tensors(call: Call) -> list[Tensor]:
    given = call.get(0, "tensors")
    items = given if isinstance(given, (list, tuple)) else [given]
    return [t for t in items if isinstance(t, Tensor)]


@flows(FAMILY, "cat concat concatenate hstack vstack dstack row_stack column_stack")
def cat(call: Call) -> Axes:
    """Tensors one after the other along an axis; the other axes meet."""
    shape = shape_of(call.result)
    operands = [call.axes(t) for t in _tensors(call)]
    if call.name in ("hstack", "vstack", "dstack", "row_stack", "column_stack"):
        wanted = {"hstack": 1 if len(shape) > 1 else 0, "dstack": 2, "column_stack": 1}
        at = wanted.get(call.name, 0)
    else:
        at = positive(call.get(1, "dim", call.kwargs.get("axis", 0)), len(shape))
    if call.name == "column_stack" and all(len(axes) == 1 for axes in operands):
        return _side_by_side(call, 1)
    operands = [axes for axes in operands if len(axes) == len(shape)]
    if not operands or len(operands) != len(_tensors(call)):
        return call.unknown(shape)
    given = [call.track(t) for t in _tensors(call)]
    reversing.joined(call, given)
    pairing.joined(call, given, at)
    halves.joined(call, given, at)
    _in_order(call, given, at)
    result = []
    for i, size in enumerate(shape):
        column = [axes[i] for axes in operands]
        if i == at:
            items = size == len(column) > 1 and not any(a.evidence and not a.grown for a in column)
            result.append(_counted(call, size) if items else _joined(call, column, size))
            continue
        axis = column[0]
        for other in column[1:]:
            axis = both(axis, other)
        result.append(axis if axis.size == size else call.fresh(size))
    made = directions.joined(given, at, call.new(result))
    made.marks = replace(made.marks, pieces=tuple(axes[at].size for axes in operands))
    return columns.laid(call, _tensors(call), made, at)


def _in_order(call: Call, operands: list[Axes], at: int) -> None:
    """Compare the axes that stand beside one another, all but the one that grows."""
    for one, other in pairwise(operands[:_MOST_COMPARED]):
        for i in range(len(one.items)):
            if i != at and len(other.items) == len(one.items):
                beside(call, (one, i), (other, i), ("", ""))


def _joined(call: Call, column: list[Axis], size: int) -> Axis:
    """The axis along which tensors were joined: theirs, if they agree.

    One axis that was joined with itself several times holds (times, axis).
    """
    known = [axis for axis in column if axis.evidence and axis.single is not None]
    if len(column) > 1 and column[0].size > 1 and all(a == column[0] for a in column):
        whole = not any(part.identity.sliced for part in column[0].parts)
        if whole or repeated(call, call.written_argument(0, "tensors", method=False)):
            return Axis((*_counted(call, len(column)).parts, *column[0].parts))
    if any(axis.evidence and axis.single is None for axis in column) or not known:
        return call.fresh(size)
    first = known[0]
    assert first.single is not None
    role = first.single.role()[0]
    for axis in known[1:]:
        assert axis.single is not None
        if axis.single is not first.single and (role is None or axis.single.role()[0] is not role):
            return call.fresh(size)
    if len(known) < len(column) and role is None:
        return call.fresh(size)
    return first.plain().with_size(size)


@flows(FAMILY, "stack")
def stack(call: Call) -> Axes:
    """Tensors side by side along a new axis."""
    return _side_by_side(call, positive(call.get(1, "dim", 0), len(shape_of(call.result))))


def _side_by_side(call: Call, at: int) -> Axes:
    shape = shape_of(call.result)
    operands = [call.axes(t) for t in _tensors(call)]
    axes = operands[0]
    for other in operands[1:]:
        axes = tuple(both(a, b) for a, b in zip(axes, other, strict=True))
    made = call.new((*axes[:at], _counted(call, shape[at]), *axes[at:]))
    return columns.laid(call, _tensors(call), made, at)


def _counted(call: Call, size: int) -> Axis:
    """The axis along which the tensors of a list lie: what the list counts, if that is known."""
    found = along(call, call.written_argument(0, "tensors", method=False), size)
    return call.fresh(size) if found is None else found


@flows(FAMILY, "atleast_1d atleast_2d atleast_3d", varies=True)
def atleast(call: Call) -> Any:
    """Left as it is where there are axes enough."""
    if not isinstance(call.result, Tensor):
        return None
    source, shape = call.track(call.args[0]), shape_of(call.result)
    return call.moved(source.items, source) if shape == source.shape else call.unknown(shape)


@flows(
    FAMILY,
    "split split_with_sizes chunk tensor_split unsafe_chunk unsafe_split hsplit vsplit",
    varies=True,
)
def split(call: Call) -> tuple[Axes, ...]:
    """Pieces of one axis; each piece is still that axis."""
    source = call.track(call.args[0])
    pieces, start = [], 0
    for piece in call.result:
        pairs = list(zip(source.items, shape_of(piece), strict=True))
        pieces.append(call.moved([cut_out(axis, start, size) for axis, size in pairs], source))
        start += next((size for axis, size in pairs if size != axis.size), 0)
    halves.cut(call, source, pieces)
    return tuple(pieces)


@flows(FAMILY, "unbind", varies=True)
def unbind(call: Call) -> tuple[Axes, ...]:
    """One tensor for each index of an axis; iterating over a tensor does this with the first."""
    source = call.track(call.args[0])
    at = positive(call.get(1, "dim", 0), len(source.items))
    rest = [a for i, a in enumerate(source.items) if i != at]
    piece = call.moved(rest, source)
    zipped.iterated(call, source, at)
    return (piece,) * len(call.result)


@flows(FAMILY, "meshgrid broadcast_tensors")
def grids(call: Call) -> tuple[Axes, ...]:
    """`meshgrid`: each axis from one operand; `broadcast_tensors`: the axes met."""
    given = call.args[0] if isinstance(call.args[0], (list, tuple)) else call.args
    operands = [call.axes(t) for t in given]
    if call.name == "broadcast_tensors":
        axes: tuple[Axis, ...] = ()
        for other in operands:
            axes = meet(call, axes, other)
        return (call.new(axes),) * len(call.result)
    axes = tuple(a for items in operands for a in (items or (call.fresh(1),)))
    indexing = call.kwargs.get("indexing")
    if indexing != "ij" and len(axes) > 1:
        ij = indexing != "xy" and [i.size for i in axes] == list(shape_of(call.result[0]))
        axes = axes if ij else (axes[1], axes[0], *axes[2:])
    return (call.new(axes),) * len(call.result)


@flows(FAMILY, "pad constant_pad_nd")
def pad(call: Call) -> Axes:
    """Axes made longer keep their identity; a padded one can be told by its size."""
    source, shape = call.track(call.args[0]), shape_of(call.result)
    if len(shape) != len(source.items):
        return call.unknown(shape)
    return call.new(a.with_size(s) for a, s in zip(source.items, shape, strict=True))
