"""Operations that follow the order of an axis: sums so far, differences, neighbours by a slice."""

from __future__ import annotations

from shapecheck.core.axis import Role
from shapecheck.core.facts import Ordered
from shapecheck.runtime.flow.axes import Axes, Axis
from shapecheck.runtime.flow.call import Call


def follows(call: Call, source: Axes, position: int) -> None:
    """Record an operation that follows the order of the batch where there is a time axis."""
    if not 0 <= position < len(source.items) or _role(source.items[position]) is not Role.BATCH:
        return
    others = [axis for i, axis in enumerate(source.items) if i != position and axis.size > 1]
    if any(_role(axis) is Role.TIME for axis in others):
        operand = call.described(source, call.operand_text(0))
        call.emit(Ordered(call.place, call.name, operand, position))


def neighbours(element: slice) -> bool:
    """True for `[1:]` and `[:-1]`, which lay each entry beside the one before it."""
    return element.step is None and (
        (element.start is None and element.stop == -1)
        or (element.start == 1 and element.stop is None)
    )


def _role(axis: Axis) -> Role | None:
    if axis.single is None:
        return None
    role, sure = axis.single.role()
    return role if sure and not axis.single.shared else None
