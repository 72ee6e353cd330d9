"""A weighted sum is divided by the sum of its weights over other axes."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.core.sums import MeanCount
from shapecheck.core.tracked import AxisView
from shapecheck.rules._axes import finding, named, shape


def check(fact: MeanCount) -> Iterator[Finding]:
    """A mean divides by what was counted along the very axes that were summed."""
    summed, counted = map(_told, (fact.axis, fact.counted), fact.positions)
    total = f"over {counted} as well" if fact.total else f"over {counted} instead"
    text = fact.denominator.text or "the divisor"
    yield finding(
        fact,
        RULE.slug,
        Severity.WARNING,
        f"{fact.numerator.text or 'a weighted sum'} adds up over {summed}, but {text} adds the "
        f"weights up {total}",
        expected=f"the sum of the weights over {summed} alone",
        actual=f"{shape(fact.numerator)} divided by {shape(fact.denominator)}",
        cause="a mean is a weighted sum over the sum of the same weights, along the same axes",
    )


def _told(axis: AxisView, position: int) -> str:
    name = f"axis {position} of the weights" if axis.label == "?" else named(axis)
    return f"{name} (size {axis.size})"


RULE = Rule(
    "mean-by-other-count",
    Severity.WARNING,
    "A weighted sum is divided by the sum of its weights over other axes.",
    MeanCount,
    check,
)
