"""Indexing: integers pick and drop an axis, slices keep it, None adds one, tensors select."""

from __future__ import annotations

import operator
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import Tensor

from shapecheck.core.axis import Role
from shapecheck.core.facts import Alignment, Normalised, Picked
from shapecheck.core.sums import StatisticWritten
from shapecheck.runtime.flow.axes import Axes, Axis, view_of
from shapecheck.runtime.flow.call import Call, positive, shape_of
from shapecheck.runtime.flow.contracts import directions
from shapecheck.runtime.flow.contracts.entries import cut
from shapecheck.runtime.flow.contracts.states import chosen, layer, several
from shapecheck.runtime.flow.meeting import aligned, meet, selected
from shapecheck.runtime.flow.operations.elementwise import two_sided
from shapecheck.runtime.flow.operations.spectra import ranked
from shapecheck.runtime.flow.order.apart import looked_up
from shapecheck.runtime.flow.order.factoring import cut_out
from shapecheck.runtime.flow.order.fitting import fitted
from shapecheck.runtime.flow.order.flat import flat_parts
from shapecheck.runtime.flow.order.loops import looped
from shapecheck.runtime.flow.order.ordered import End, follows, neighbours, shifted, stepped
from shapecheck.runtime.flow.order.shuffling import of_rows, taken
from shapecheck.runtime.flow.order.tables import indexed
from shapecheck.runtime.flow.register import flows
from shapecheck.runtime.flow.statistics import columns

FAMILY = "indexing"
_STATISTICS = ("mean", "median", "std", "var", "max", "min", "amax", "amin")


@dataclass
class _Index:
    """An index laid along the axes: what each element does to its axis."""

    kept: list[Axis]
    picked: list[tuple[int, int | None]]
    selected: list[tuple[int, Axis, tuple[Axis, ...], bool]]  # place in kept, source, axes, mask
    ordered: list[tuple[int, End]] = field(default_factory=list)


@flows(FAMILY, "__getitem__", index=True, dtypes=True, varies=True)
def getitem(call: Call) -> Axes:
    """`x[…]` with everything that may stand between the brackets."""
    source = call.track(call.args[0])
    shape = shape_of(call.result)
    index = call.args[1]
    elements = list(index) if isinstance(index, tuple) else [index]
    laid = _lay(call, source.items, elements)
    if laid is None:
        return call.unknown(shape)
    fitted(call, source.items, elements)
    taken(call, source, elements)
    axes = _place_selected(call, laid, shape)
    if tuple(axis.size for axis in axes) != shape:
        return call.unknown(shape)
    columns.taken(call, source, laid.picked)
    looped(call, source, laid.picked)
    for position, value in laid.picked:
        pick(call, source, position, value, tuple(p for p, _ in laid.picked if p != position))
        stepped(call, source, position)
    for _, one, *_ in laid.selected:
        several(one)
    for position, end in laid.ordered:
        follows(call, source, position, sliced=True)
        shifted(call, source, position, end)
    if laid.selected:
        if isinstance(elements[0], Tensor) and len(laid.selected) == 1 and not laid.selected[0][3]:
            chosen(call, source, 0, elements[0])
        result = call.new(axes)
        indexed(call, source, elements, result)
        of_rows(call, source, elements, result)
        return directions.picked(call, source, (), result)
    result = cut(call, source, elements, call.moved(axes, source))
    return directions.picked(call, source, laid.picked, result)


def pick(
    call: Call, source: Axes, position: int, value: int | None, beside: tuple[int, ...] = ()
) -> None:
    """Record that one index of a known axis was picked."""
    axis = source.items[position]
    if axis.single is None or len(source.items) < 2 or not axis.evidence:
        return
    role = axis.single.role()[0]
    if role is None and not axis.single.reads:
        return
    layer(call, axis, value)
    inside = call.frames[0].f_code.co_qualname if call.frames else ""
    operand = call.described(source, call.operand_text(0))
    made = (source.made_by, source.made_at)
    call.emit(Picked(call.place, operand, position, value, *made, inside, beside))


def _lay(call: Call, axes: tuple[Axis, ...], elements: list[Any]) -> _Index | None:
    elements = _without_ellipsis(axes, elements)
    laid = _Index([], [], [])
    at = 0
    for element in elements:
        if element is None:
            laid.kept.append(call.fresh(1, grown="None"))
            continue
        if isinstance(element, (bool, float, str)):
            return None
        if isinstance(element, slice):
            if end := neighbours(element):
                laid.ordered.append((at, end))
            several(axes[at], element)
            laid.kept.append(_sliced(axes[at], element))
            at += 1
            continue
        number = _integer(element)
        if number is not None or _is_scalar_tensor(element):
            laid.picked.append((at, number))
            at += 1
            continue
        chosen = _selected(call, element)
        if chosen is None:
            return None
        used, results, mask = chosen
        if mask and isinstance(element, Tensor):
            selected(call, call.args[0], at, element)
        one = axes[at] if used == 1 else call.fresh(1)
        laid.selected.append((len(laid.kept), one, results, mask))
        at += used
    laid.kept.extend(axes[at:])
    return laid


def _without_ellipsis(axes: tuple[Axis, ...], elements: list[Any]) -> list[Any]:
    used = sum(_consumes(e) for e in elements)
    filler = [slice(None)] * (len(axes) - used)
    for i, element in enumerate(elements):
        if element is Ellipsis:
            return elements[:i] + filler + elements[i + 1 :]
    return elements


def _consumes(element: Any) -> int:
    if element is None or element is Ellipsis or isinstance(element, bool):
        return 0
    if isinstance(element, Tensor) and element.dtype in (torch.bool, torch.uint8):
        return element.dim()
    return 1


def _integer(element: Any) -> int | None:
    if isinstance(element, Tensor):
        return None
    try:
        return operator.index(element)
    except TypeError:
        return None


def _is_scalar_tensor(element: Any) -> bool:
    return isinstance(element, Tensor) and element.dim() == 0 and element.dtype is not torch.bool


def _sliced(axis: Axis, element: slice) -> Axis:
    taken = range(*element.indices(axis.size))
    size = len(taken)
    if size == axis.size:
        return axis
    part = cut_out(axis, taken.start, size) if taken.step == 1 else axis.with_size(size)
    return replace(part, grown="slice") if size == 1 else part


def _selected(call: Call, element: Any) -> tuple[int, tuple[Axis, ...], bool] | None:
    """(axes used up, axes of the index, is it a mask) for a tensor, list or array."""
    if isinstance(element, Tensor):
        if element.dtype in (torch.bool, torch.uint8):
            return element.dim(), (), True
        return 1, call.axes(element), False
    if isinstance(element, (list, range)):
        if all(isinstance(e, bool) for e in element):
            return (1, (), True) if element else None
        if all(_integer(e) is not None for e in element):
            return 1, (call.fresh(len(element)),), False
        return None
    shape = getattr(element, "shape", None)
    if isinstance(shape, tuple):
        if str(getattr(element, "dtype", "")) == "bool":
            return len(shape), (), True
        return 1, tuple(call.fresh(int(s)) for s in shape), False
    return None


def _place_selected(call: Call, laid: _Index, shape: tuple[int, ...]) -> list[Axis]:
    """The kept axes with those of the index tensors where torch puts them."""
    if not laid.selected:
        return laid.kept
    joint: tuple[Axis, ...] = ()
    for _, source, axes, mask in laid.selected:
        if mask:
            axes = (source.chosen(source.size),)
        elif len(axes) == 1 and looked_up(source, axes[0]):
            pass
        elif len(axes) == 1 and not axes[0].evidence and not _is_table(call, source):
            axes = (source.chosen(axes[0].size),) if len(laid.selected) == 1 else axes
        joint = meet(call, joint, axes)
    places = {at for at, *_ in laid.selected}
    picked = bool(laid.picked)
    at = laid.selected[0][0] if len(places) == 1 and not picked else 0
    if picked and len(places) == 1:
        at = laid.selected[0][0] if _adjacent(call) else 0
    room = len(shape) - (len(laid.kept))
    joint = joint[-room:] if room else ()
    fitted = [a.with_size(s) for a, s in zip(joint, shape[at : at + room], strict=False)]
    return laid.kept[:at] + fitted + laid.kept[at:]


def _is_table(call: Call, axis: Axis) -> bool:
    """True for classes and what is learnt: what is looked up belongs to the index, not to them."""
    if isinstance(call.args[0], torch.nn.Parameter):
        return True
    return axis.single is not None and axis.single.role()[0] is Role.CLASS


def _adjacent(call: Call) -> bool:
    """True where all integers and tensors of the index stand side by side."""
    index = call.args[1]
    elements = list(index) if isinstance(index, tuple) else [index]
    spots = [i for i, e in enumerate(elements) if not (e is None or isinstance(e, slice))]
    spots = [i for i in spots if elements[i] is not Ellipsis]
    return spots == list(range(spots[0], spots[-1] + 1))


@flows(FAMILY, "__setitem__ index_put", dtypes=True, index=True)
def setitem(call: Call) -> Axes | None:
    """Writing into a tensor leaves its axes as they were."""
    value = call.get(2, "value")
    if call.name == "__setitem__" and isinstance(value, Tensor):
        index = call.args[1]
        elements = list(index) if isinstance(index, tuple) else [index]
        target = call.track(call.args[0])
        laid = _lay(call, target.items, elements)
        if laid is not None and not laid.selected:
            looped(call, target, laid.picked)
            _written(call, target, laid, call.track(value))
            _statistic(call, target, laid, call.track(value))
    return call.track(call.args[0]) if isinstance(call.result, Tensor) else None


def _written(call: Call, target: Axes, laid: _Index, value: Axes) -> None:
    """Axes of what is written, beside those of the place it is written to."""
    picked = [target.items[position].single for position, _ in laid.picked]
    for i in range(-min(len(laid.kept), len(value.items)), 0):
        place, own = laid.kept[i], value.items[i]
        if own.single is None or place.single is None or own.size == 1 or own.single.shared:
            continue
        if own.single is not place.single and own.single in picked:
            at = next(n for n, axis in enumerate(target.items) if axis is place)
            operands = (call.described(target, call.operand_text(0)), call.described(value))
            views = (view_of(place), view_of(own))
            positions = (at, i + len(value.items))
            call.emit(Alignment(call.place, call.name, *operands, views, positions, "displaced"))


def _statistic(call: Call, target: Axes, laid: _Index, value: Axes) -> None:
    """One number, taken over all axes of a tensor, fills an axis that this tensor has."""
    source = value.reduced
    if source is None or value.items or len(source.items) < 2 or not laid.picked:
        return
    if source.root is target.root or value.reduced_by not in _STATISTICS:
        return
    if [a.parts for a in source.items] == [a.parts for a in target.items]:
        return  # a version of itself, in which something is filled: erased, ablated
    own = [axis.single for axis in source.items if axis.size > 1]
    kept = [axis for axis in laid.kept if axis.size > 1]
    if kept and len(kept) < len(own) and all(axis.single in own for axis in kept):
        operands = (call.described(source), call.described(target, call.operand_text(0)))
        axis, by = view_of(kept[0]), value.reduced_by
        call.emit(StatisticWritten(call.place, *operands, axis, by))


@flows(FAMILY, "select")
def select(call: Call) -> Axes:
    """One index of an axis: the axis goes."""
    source = call.track(call.args[0])
    at = positive(call.get(1, "dim"), len(source.items))
    index = call.get(2, "index")
    pick(call, source, at, index if isinstance(index, int) else None)
    result = call.moved([a for i, a in enumerate(source.items) if i != at], source)
    return directions.picked(call, source, [(at, index if isinstance(index, int) else 0)], result)


@flows(FAMILY, "masked_select nonzero take bincount unique unique_consecutive", varies=True)
def flat_selection(call: Call) -> Axes | None:
    """How many come out depends on values: new axes."""
    mask = call.get(1, "mask")
    if call.name == "masked_select" and isinstance(mask, Tensor):
        source = call.args[0]
        aligned(call, source, mask)
        met = tuple(torch.broadcast_shapes(source.shape, mask.shape))
        two_sided(call, (0, source), (1, mask), met)
    return call.unknown(shape_of(call.result)) if isinstance(call.result, Tensor) else None


@flows(FAMILY, "sort argsort msort")
def sort(call: Call) -> Axes | tuple[Axes, ...]:
    """Values and indices, each with the operand's axes."""
    axes = call.new(axis.plain().chosen(axis.size) for axis in call.axes(call.args[0]))
    return axes if isinstance(call.result, Tensor) else (axes,) * len(call.result)


@flows(FAMILY, "topk kthvalue")
def topk(call: Call) -> tuple[Axes, ...]:
    """The axis chosen from is new: its indices are ranks."""
    source = call.track(call.args[0])
    shape = shape_of(call.result[0])
    at = positive(call.get(2, "dim", -1), max(len(source.items), 1))
    if call.name == "topk" and len(source.items) > 1:
        call.emit(Normalised(call.place, call.name, call.operand(call.args[0]), at))
    if len(shape) == len(source.items):
        axes = [call.fresh(s) if i == at else source.items[i] for i, s in enumerate(shape)]
    else:
        axes = [a for i, a in enumerate(source.items) if i != at]
    ranks = call.new(axes)
    ranks.flat = flat_parts([source.items[at]]) if source.items else ()
    ranks.marks = ranked(source, at, ranks.marks)
    return (call.new(axes), ranks)


@flows(FAMILY, "unfold")
def unfold(call: Call) -> Axes:
    """Sliding windows: the new last axis is a piece of the old one, in whose place they lie.

    The windows are what a model may read as its samples: nothing is known of their axis. Nor does
    a count of rows, `n`, tell of the rows of a window what it may tell of all: samples.
    """
    source, shape = call.track(call.args[0]), shape_of(call.result)
    if len(shape) != len(source.items) + 1:
        return call.unknown(shape)
    at = positive(call.get(1, "dimension"), len(source.items))
    follows(call, source, at)
    axes = [call.fresh(s) if i == at else source.items[i] for i, s in enumerate(shape[:-1])]
    rows = source.items[at]
    batch, sure = rows.single.role() if rows.single is not None else (None, True)
    doubted = batch is Role.BATCH and not sure
    return call.new([*axes, call.fresh(shape[-1]) if doubted else rows.with_size(shape[-1])])
