"""Entries of one axis by an index: chosen, gathered, scattered, moved along it."""

from __future__ import annotations

from dataclasses import replace

from torch import Tensor

from shapecheck.core.sums import IndexShort
from shapecheck.runtime.flow.axes import Axes
from shapecheck.runtime.flow.call import Call, positive, shape_of
from shapecheck.runtime.flow.contracts import states
from shapecheck.runtime.flow.contracts.reversing import flipped
from shapecheck.runtime.flow.meeting import differing
from shapecheck.runtime.flow.order.apart import looked_up
from shapecheck.runtime.flow.order.rows import mirrored, rolled
from shapecheck.runtime.flow.register import flows
from shapecheck.runtime.flow.statistics.normalised import gathered

FAMILY = "indexing"


@flows(FAMILY, "index_select narrow take_along_dim", varies=True)
def along(call: Call) -> Axes:
    """Some indices of one axis; the axis keeps its identity."""
    source, shape = call.track(call.args[0]), shape_of(call.result)
    if len(shape) != len(source.items):
        return call.unknown(shape)
    pairs = zip(source.items, shape, strict=True)
    at = positive(call.get(2 if call.name == "take_along_dim" else 1, "dim") or 0, len(shape))
    if call.name == "index_select":
        states.chosen(call, source, at, call.get(2, "index"))
    return call.new(
        axis.with_size(size) if i != at or call.name == "narrow" else axis.chosen(size)
        for i, (axis, size) in enumerate(pairs)
    )


@flows(FAMILY, "gather", varies=True)
def gather(call: Call) -> Axes:
    """The index's axes; those other than dim are the source's where the sizes agree."""
    source, index = call.track(call.args[0]), call.get(2, "index")
    at = positive(call.get(1, "dim"), max(len(source.items), 1))
    axes = list(call.axes(index))
    _laid_along(call, index, at)
    gathered(call, source, call.track(index), at)
    for i, axis in enumerate(axes):
        old = source.items[i]
        if len(axes) == 1 and looked_up(old, axis):
            continue
        if not axis.evidence and (i == at or old.size == axis.size):
            # One entry here, another there: what adds up to one no longer does.
            axes[i] = (old.plain() if i == at else old).chosen(axis.size)
    return call.new(axes)


def _laid_along(call: Call, index: Tensor, at: int) -> None:
    """The index of a gather or scatter lies along the source on all axes but one."""
    _short(call, index, at)
    for i in range(min(index.dim(), call.args[0].dim())):
        if i != at:
            differing(call, (call.args[0], i), (index, i), (0, 2))


def _short(call: Call, index: Tensor, at: int) -> None:
    """Record an index of size one along an axis of more entries: gather broadcasts nothing."""
    source, sizes = call.track(call.args[0]), shape_of(index)
    if len(sizes) != len(source.shape):
        return
    short = [i for i, s in enumerate(sizes) if i != at and s == 1 < source.shape[i]]
    if short:
        operands = (call.operand(call.args[0], 0), call.operand(index, 2))
        elsewhere = len(sizes) == 2 and sizes[at] == source.shape[short[0]]
        call.emit(IndexShort(call.place, call.name, *operands, at, short[0], elsewhere))


@flows(
    FAMILY,
    "flip fliplr flipud roll rot90 scatter scatter_add index_add index_copy "
    "index_fill masked_scatter fill_diagonal scatter_reduce select_scatter slice_scatter",
)
def in_place_of(call: Call) -> Axes:
    """The first operand's axes; its entries are moved along them or replaced."""
    source = call.track(call.args[0])
    index = call.get(2, "index")
    if call.name in ("scatter", "scatter_add") and isinstance(index, Tensor):
        _laid_along(call, index, positive(call.get(1, "dim"), max(len(source.items), 1)))
    mirrored(call, source)
    if shape_of(call.result) != source.shape or call.name == "rot90":
        return call.unknown(shape_of(call.result))
    axes = [
        axis.chosen(axis.size) if call.name == "roll" else axis.plain() for axis in source.items
    ]
    if call.name in _MOVES:
        axes = [replace(axis, padded=None) for axis in axes]
    result = call.new(axes)
    result.marks = flipped(call, source)
    if call.name == "roll":
        result.marks = rolled(call, source, result.marks)
    return result


_MOVES = frozenset(("flip", "fliplr", "flipud", "roll"))
