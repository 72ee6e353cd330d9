"""One number, taken over all axes, is written along one of them."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.facts import Fact
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.core.sums import SharedNorm, StatisticWritten
from shapecheck.rules._axes import finding, named, shape


def check(fact: Fact) -> Iterator[Finding]:
    """Statistics that are written, and norms that vectors are divided by."""
    if isinstance(fact, StatisticWritten):
        yield _written(fact)
    elif isinstance(fact, SharedNorm):
        yield _norm(fact)


def _norm(fact: SharedNorm) -> Finding:
    text = fact.operand.text or "x"
    return finding(
        fact,
        RULE.slug,
        Severity.WARNING,
        f"{text} is divided by one norm over all its axes: no vector of it has length one, and "
        "each depends on all others",
        expected=f"{text}.norm(dim=-1, keepdim=True)",
        actual=shape(fact.operand),
        cause="a norm without dim takes all axes",
        remedy="dim=-1, keepdim=True",
    )


def _written(fact: StatisticWritten) -> Finding:
    """The place that is written to has an axis of what the statistic was taken of, not all."""
    axis = named(fact.axis) if fact.axis.label != "?" else "the axis"
    at = [a.identity for a in fact.operand.axes].index(fact.axis.identity)
    others = [i for i in range(len(fact.operand.axes)) if i != at]
    dims = str(others[0]) if len(others) == 1 else str(tuple(others))
    return finding(
        fact,
        RULE.slug,
        Severity.WARNING,
        f"one {fact.statistic} over all axes fills {axis} of size {fact.axis.size}: every entry "
        "gets the same number",
        expected=f"{fact.statistic}(dim={dims}), one number for each entry of {axis}",
        actual=f"{fact.statistic}() of {shape(fact.operand)}, written to {shape(fact.target)}",
        cause="a reduction without dim takes all axes, and a single number fits any place",
        remedy=f"dim={dims}",
    )


RULE = Rule(
    "statistic-over-all",
    Severity.WARNING,
    "One number, taken over all axes, is written along one of them.",
    Fact,
    check,
)
