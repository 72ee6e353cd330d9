"""Sequences of several lengths: padded to one tensor, packed without the padding, padded again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from shapecheck.core.axis import Role
from shapecheck.core.facts import Witness
from shapecheck.runtime.flow.axes import Axes, Axis, Identity, Part
from shapecheck.runtime.flow.call import Call, shape_of
from shapecheck.runtime.flow.contracts.recurrent import read
from shapecheck.runtime.flow.register import flows

FAMILY = "sequences"


@flows(FAMILY, "pad_sequence", varies=True)
def pad_sequence(call: Call) -> Axes:
    """A list of (time, …): (time, batch, …), or (batch, time, …) with batch_first."""
    batch_first = bool(call.get(1, "batch_first", False))
    shape = shape_of(call.result)
    said = f"pad_sequence(batch_first={batch_first}) stacks (time, …) of each sample"
    roles = _order(batch_first)
    axes = []
    for size, role in zip(shape, roles, strict=False):
        identity = Identity("pad_sequence", call.place)
        identity.witness(Witness(role, call.place, said, "loader"))
        axes.append(Axis((Part(identity, size),)))
    given = call.get(0, "sequences")
    first = call.axes(given[0]) if isinstance(given, (list, tuple)) and given else ()
    rest = first[1:] if len(first) == len(shape) - 1 else ()
    known = tuple(a.size for a in rest) == shape[2:]
    return call.new((*axes, *(rest if known else (call.fresh(s) for s in shape[2:]))))


def _order(batch_first: bool) -> tuple[Role, Role]:
    return (Role.BATCH, Role.TIME) if batch_first else (Role.TIME, Role.BATCH)


@flows(FAMILY, "_pack_padded_sequence", varies=True)
def pack(call: Call) -> Any:
    """(time, batch, …) or (batch, time, …): the steps of all samples in one axis."""
    x, batch_first = call.get(0, "input"), bool(call.get(2, "batch_first", False))
    order = _order(batch_first)
    names = ", ".join(role.value for role in order)
    contract = f"pack_padded_sequence(batch_first={batch_first}) takes ({names}, …)"
    axes = call.axes(x)
    if len(axes) < 2:
        return None
    remedy = "" if batch_first else "batch_first=True"
    read(call, x, (*order, *([None] * (len(axes) - 2))), contract, "input", remedy)
    steps = call.fresh(shape_of(call.result[0])[0])
    data = call.new((steps, *axes[2:]))
    data.packed = (axes[order.index(Role.BATCH)], axes[order.index(Role.TIME)])
    return (data, None)


@flows(FAMILY, "_pad_packed_sequence", varies=True)
def pad_packed(call: Call) -> Any:
    """The steps of all samples: (time, batch, …) or (batch, time, …) again."""
    data = call.track(call.get(0, "data"))
    shape = shape_of(call.result[0])
    if data.packed is None or len(shape) != len(data.items) + 1:
        return None
    batch, time = data.packed
    if data.shape[0] < shape[0] * shape[1]:  # some are shorter than others
        time = replace(time, padded=call.place)
    order = (batch, time) if call.get(2, "batch_first", False) else (time, batch)
    front = [axis.plain().with_size(size) for axis, size in zip(order, shape, strict=False)]
    return (call.new((*front, *data.items[1:])), None)
