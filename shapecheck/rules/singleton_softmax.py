"""A softmax over an axis of size one: every weight is 1."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.facts import AxisView, Normalised
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.rules._axes import finding, shape

_BUILT = ("None", "unsqueeze", "keepdim")


def check(fact: Normalised) -> Iterator[Finding]:
    """Silent where the size is the data's (a sequence of one step), not the model's."""
    axis = fact.operand.axes[fact.position]
    if axis.size != 1 or "softm" not in fact.operation or not _built(axis):
        return
    others = [i for i, a in enumerate(fact.operand.axes) if a.size > 1]
    if not others:
        return
    yield finding(
        fact,
        RULE.slug,
        Severity.WARNING,
        f"{fact.operation} over axis {fact.position}, which has size 1: every weight is 1",
        expected="an axis with more than one index",
        actual=shape(fact.operand),
        cause="the scores compete along another axis",
        remedy=f"dim={others[-1]}" if len(others) == 1 and not _flat(fact, others[0]) else "",
    )


def _built(axis: AxisView) -> bool:
    """True where the model makes the axis: a layer with one output, or a new axis."""
    if axis.parts or axis.names or axis.role is not None or axis.reads:
        return False
    return axis.grown in _BUILT or axis.origin.startswith(("nn.Linear", "nn.Conv", "nn.Bilinear"))


def _flat(fact: Normalised, position: int) -> bool:
    return bool(fact.operand.axes[position].parts)


RULE = Rule(
    "singleton-softmax",
    Severity.WARNING,
    "A softmax over an axis of size one: every weight is 1.",
    Normalised,
    check,
)
