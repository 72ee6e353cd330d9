"""Reductions over what a sequence layer read as the batch, while time stays."""

from __future__ import annotations

from dataclasses import replace

from shapecheck.core.axis import Role
from shapecheck.core.facts import Witness
from shapecheck.core.sums import PooledAxis
from shapecheck.runtime.flow.axes import Axes, Axis, agreed
from shapecheck.runtime.flow.call import Call
from shapecheck.runtime.flow.marks import Pooled

_COPIES = ("expand", "repeat", "tile", "broadcast")
_POOLS = ("mean", "max", "amax", "sum", "logsumexp")


def pools(call: Call, source: Axes, dims: set[int], result: Axes) -> None:
    """Remember a reduction of one axis of (time, batch, feature) that leaves time."""
    if call.name not in _POOLS or len(dims) != 1 or len(source.items) != 3:
        return
    (at,) = dims
    if at > 1:
        return
    batch, time = _read(source.items[at], Role.BATCH), _read(source.items[1 - at], Role.TIME)
    if batch is not None and time is not None and batch.place == time.place:
        found = Pooled(source, at, 1 - at, call.name, call.place)
        result.marks = replace(result.marks, pooled=found)


def _read(axis: Axis, role: Role) -> Witness | None:
    """What a sequence layer said when it read the axis so, where none read it otherwise."""
    if axis.single is None or axis.single.shared or axis.size == 1:
        return None
    if axis.single.origin.startswith(_COPIES):
        return None  # one input several times, of which the mean is taken
    if agreed(axis.single.reads) != (role, True) or axis.single.role()[0] is role:
        return None  # where names say so as well, the layer is right
    return next((w for w in axis.single.reads if w.text.startswith("nn.")), None)


def classified(call: Call, x: Axes) -> None:
    """A linear layer takes what was pooled."""
    pooled = x.marks.pooled
    if pooled is not None:
        operand = call.described(pooled.source)
        call.emit(PooledAxis(pooled.place, pooled.by, operand, pooled.over, pooled.kept))
