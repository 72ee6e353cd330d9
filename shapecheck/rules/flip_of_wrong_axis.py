"""A picture is mirrored or turned along its batch or its channels."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.axis import Role
from shapecheck.core.facts import AxisView
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rows import Mirrored
from shapecheck.core.rule import Rule
from shapecheck.rules._axes import finding, named, shape

_INSTEAD = {
    "fliplr": "torch.flip({}, [-1])",
    "flipud": "torch.flip({}, [-2])",
    "rot90": "torch.rot90({}, dims=(-2, -1))",
}


def check(fact: Mirrored) -> Iterator[Finding]:
    """Fires where what stands at axis 0 or 1 is known to be no row or column."""
    axes, text = fact.operand.axes, fact.operand.text or "x"
    batch = len(axes) == 4 and _is_batch(axes[0])
    if not batch and not (len(axes) == 3 and axes[0].role is Role.CHANNEL and axes[0].sure):
        return
    at = [i for i in fact.positions if axes[i].size > 1]
    if not at or any(axes[i].role is Role.TIME for i in at):
        return
    order = "(batch, channel, height, width)" if batch else "(channel, height, width)"
    kept = "channels last" if axes[-1].role is Role.CHANNEL else order
    doing = "turns axes 0 and 1" if fact.operation == "rot90" else f"reverses axis {at[0]}"
    yield finding(
        fact,
        RULE.slug,
        RULE.severity,
        f"{fact.operation} {doing} of {text}: {_what(axes, fact.positions, batch)}",
        expected=f"{fact.operation} of one picture (height, width, …), or the axes of {kept} named",
        actual=shape(fact.operand),
        cause=f"{fact.operation} takes (height, width, …) and knows of no batch and no channels",
        remedy="" if kept == "channels last" else _INSTEAD[fact.operation].format(text),
    )


def _what(axes: tuple[AxisView, ...], positions: tuple[int, ...], batch: bool) -> str:
    words = []
    for i in positions:
        usual = ("the batch", "the channels") if batch else ("the channels", "the rows")
        words.append(named(axes[i]) if axes[i].role and axes[i].sure else usual[i])
    return " and ".join(words) + ", not what its name says"


def _is_batch(axis: AxisView) -> bool:
    if axis.role is not None:
        return axis.role is Role.BATCH and axis.sure
    return any(read.role is Role.BATCH for read in axis.reads)


RULE = Rule(
    "flip-of-wrong-axis",
    Severity.WARNING,
    "A picture is mirrored or turned along its batch or its channels.",
    Mirrored,
    check,
)
