"""Where an axis of a refused operand came from: which operation gave it its size, at which line."""

from __future__ import annotations

from shapecheck.core.evidence import Crash
from shapecheck.core.tracked import AxisView, Operand
from shapecheck.rules._axes import line

_PLAIN_NAMES = {"size variable": "sized by a variable", "split": "cut"}


def told_origin(crash: Crash, operand: Operand, position: int) -> str:
    """A clause on one axis: `axis 1 of x is 16·53·53 = 44944, merged by flatten (line 17)`."""
    if not 0 <= position < len(operand.axes):
        return ""
    axis, name = operand.axes[position], operand.text
    if not name:
        return ""
    if axis.parts:
        sizes = "·".join(str(part.size) for part in axis.parts)
        by = _by(crash, operand.made_by, operand)
        return f"axis {position} of {name} is {sizes} = {axis.size}{by and ', merged ' + by}"
    came = origin(crash, axis, operand)
    return f"axis {position} of {name} has size {axis.size}, {came}" if came else ""


def origin(crash: Crash, axis: AxisView, operand: Operand) -> str:
    """`made by nn.Conv2d (line 14)`; empty where it is not known, or is the line at fault."""
    made, at = (axis.origin, axis.place) if axis.origin else ("", None)
    if at is None:
        made, at = operand.made_by, operand.made_at
    if not made or at is None or at.line == 0:
        return ""
    if (at.file, at.line) == (crash.place.file, crash.place.line):
        return ""
    return f"{_PLAIN_NAMES.get(made, f'made by {made}')} ({line(at, crash.place)})"


def _by(crash: Crash, made: str, operand: Operand) -> str:
    at = operand.made_at
    if not made or at is None or at.line == 0:
        return ""
    here = (at.file, at.line) == (crash.place.file, crash.place.line)
    return f"by {made}" if here else f"by {made} ({line(at, crash.place)})"
