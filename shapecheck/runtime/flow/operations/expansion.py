"""Axes made longer by repeating: expand, repeat, repeat_interleave."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace

from torch import Tensor

from shapecheck.core.facts import Alignment
from shapecheck.runtime.flow.axes import Axes, Axis, Identity, Part, view_of
from shapecheck.runtime.flow.call import Call, positive, shape_of
from shapecheck.runtime.flow.order.factoring import merge
from shapecheck.runtime.flow.order.pairing import copied, for_all
from shapecheck.runtime.flow.register import flows
from shapecheck.runtime.flow.wording.targets import size_nodes

FAMILY = "views"


@flows(FAMILY, "expand expand_as broadcast_to")
def expand(call: Call) -> Axes:
    """Axes of size one repeated without a copy; new ones in front."""
    source = call.track(call.args[0])
    shape = shape_of(call.result)
    other = call.get(1, "other")
    pattern = call.axes(other) if isinstance(other, Tensor) else ()
    new = len(shape) - len(source.items)
    nodes = (None,) * len(shape) if pattern else size_nodes(call, 1, "size", len(shape))
    pairs = zip(nodes, shape, strict=True)
    wanted = [call.tracker.sizes.speaks_of(node, call.frames, size) for node, size in pairs]
    result = []
    for i, size in enumerate(shape):
        old, meant = source.items[i - new] if i >= new else None, wanted[i]
        if old is not None and old.size == size:
            result.append(old)
        elif len(pattern) == len(shape):
            result.append(pattern[i].plain())
        else:
            axis = call.fresh(size) if meant is None else Axis((Part(meant, size),))
            result.append(replace(axis, grown="expand") if size == 1 else axis)
    made = call.new(result, like=source)
    made.marks = copied(call, source, made, "repeat")
    for_all(call, source, made)
    if not pattern:
        _laid_along(call, source, made, wanted)
    return made


def _laid_along(call: Call, source: Axes, made: Axes, wanted: Sequence[Identity | None]) -> None:
    """Record an axis that stands where one size names another, and stands named at its own place.

    `rows[None, :].expand(batch, height, width)` of `height` rows, in a square picture.
    """
    sizes, new = made.shape, len(made.items) - len(source.items)
    named = [
        Axis((Part(w, s),)) if w else call.fresh(s) for w, s in zip(wanted, sizes, strict=True)
    ]
    for i, meant in enumerate(wanted):
        own = made.items[i].single
        if i < new or meant is None or own is None or own is meant or made.items[i].size < 2:
            continue
        if wanted.count(own) == 1 and source.items[i - new].size == sizes[i]:
            call.emit(
                Alignment(
                    call.place,
                    call.name,
                    call.operand(call.args[0], 0),
                    call.described(call.new(named), "the sizes given"),
                    (view_of(made.items[i]), view_of(named[i])),
                    (i - new, i),
                    "apart",
                )
            )
            return


@flows(FAMILY, "repeat tile")
def repeat(call: Call) -> Axes:
    """Axes laid out several times: an axis of size one is as if new, others hold (times, axis)."""
    source = call.track(call.args[0])
    shape = shape_of(call.result)
    new = len(shape) - len(source.items)
    nodes = size_nodes(call, 1, "repeats", len(shape))
    result = []
    for i, size in enumerate(shape):
        old = source.items[i - new] if i >= new else None
        if old is not None and old.size == size:
            result.append(old)
        elif old is None or old.size == 1:
            meant = call.tracker.sizes.speaks_of(nodes[i], call.frames, size)
            result.append(call.fresh(size) if meant is None else Axis((Part(meant, size),)))
        elif old.size and size % old.size == 0 and size:
            times = _times(call, nodes[i], size // old.size)
            result.append(Axis((*times.parts, *old.parts)))
        else:
            result.append(call.fresh(size))
    made = call.new(result)
    made.marks = copied(call, source, made, "repeat")
    for_all(call, source, made)
    return made


def _times(call: Call, node: ast.expr | None, times: int) -> Axis:
    """The axis of the copies, named as their number is."""
    axis = call.fresh(times)
    meant = call.tracker.sizes.speaks_of(node, call.frames, times)
    if meant is not None and axis.single is not None:
        axis.single.names.update(meant.names)
    return axis


@flows(FAMILY, "repeat_interleave", varies=True)
def repeat_interleave(call: Call) -> Axes:
    """Each index several times: the axis holds (axis, times)."""
    source = call.track(call.args[0])
    repeats, dim = call.get(1, "repeats"), call.get(2, "dim")
    shape = shape_of(call.result)
    if dim is None and isinstance(repeats, int) and len(source.items) > 1 < repeats:
        # All axes as one row, each entry several times.
        return call.new((Axis((*merge(source.items).parts, *call.fresh(repeats).parts)),))
    if dim is None or not isinstance(repeats, int) or len(shape) != len(source.items):
        return call.unknown(shape)
    at = positive(dim, len(shape))
    axes = list(source.items)
    if axes[at].size == 1:
        axes[at] = call.fresh(shape[at])
    elif repeats != 1:
        node = call.written_argument(1, "repeats", method=True)
        axes[at] = Axis((*axes[at].parts, *_times(call, node, repeats).parts))
    made = call.new(axes)
    made.marks = copied(call, source, made, "repeat_interleave")
    return made
