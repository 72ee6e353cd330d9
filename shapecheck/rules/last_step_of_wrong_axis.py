"""The last step is taken of the batch instead of time: `out[-1]` with batch first."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.axis import Role
from shapecheck.core.facts import AxisView, Picked
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.rules._axes import finding, line, read_as, shape

_ADDED = ("unsqueeze", "__getitem__")
_SEQUENCES = ("nn.RNN", "nn.LSTM", "nn.GRU", "nn.Transformer", "nn.MultiheadAttention")


def check(fact: Picked) -> Iterator[Finding]:
    """Fires on a sequence layer's output of which one sample is picked as if it were a step."""
    axes = fact.operand.axes
    axis = axes[fact.position]
    if len(axes) != 3 or not fact.produced_by.startswith(_SEQUENCES):
        return
    if axis.role in (Role.TIME, Role.LAYER) or not _is_batch(axis) or _layers(axes):
        return
    if axis.size == 1 and axis.origin in _ADDED:
        return  # one sample that was given an axis for the layer
    if fact.index == -1:
        severity = Severity.ERROR
    elif fact.index == 0 and fact.inside.endswith("forward"):
        severity = Severity.WARNING
    else:
        return
    text = fact.operand.text or "the output"
    time = 1 - fact.position if fact.position < 2 else 1
    index = "-1" if fact.index == -1 else "0"
    right = f"{text}[:, {index}]" if time == 1 else f"{text}[{index}]"
    yield finding(
        fact,
        RULE.slug,
        severity,
        f"index {fact.index} of axis {fact.position} of {text} picks one sample for all, "
        "not a step in time",
        expected=f"a step along time, axis {time}",
        actual=shape(fact.operand),
        cause=_reading(axis, fact),
        remedy=right,
    )


def _is_batch(axis: AxisView) -> bool:
    return axis.role is Role.BATCH or (axis.role is None and read_as(axis, Role.BATCH))


def _layers(axes: tuple[AxisView, ...]) -> bool:
    return axes[0].role is Role.LAYER


def _reading(axis: AxisView, fact: Picked) -> str:
    reads = [w for w in axis.reads if w.role is Role.BATCH]
    if reads:
        return f"{reads[-1].text} ({line(reads[-1].place, fact.place)})"
    return f"{fact.produced_by} gave it ({line(fact.produced_at, fact.place)})"


RULE = Rule(
    "last-step-of-wrong-axis",
    Severity.ERROR,
    "The last step is taken of the batch instead of time: `out[-1]` with batch first.",
    Picked,
    check,
)
