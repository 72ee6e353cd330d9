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
    summed = _told(fact.axis, f"axis {fact.positions[0]} of the weights")
    counted = _told(fact.counted, f"their axis {fact.positions[1]}")
    total = f"over {counted} as well" if fact.total else f"over {counted} instead"
    text = fact.denominator.text or "the divisor"
    yield finding(
        fact,
        RULE.slug,
        Severity.WARNING,
        f"{fact.numerator.text or 'a weighted sum'} adds up over {summed}, but {text} sums the "
        f"weights {total}",
        expected="the sum of the weights over that axis alone",
        actual=f"{shape(fact.numerator)} divided by {shape(fact.denominator)}",
        cause="a mean is a weighted sum over the sum of the same weights, along the same axes",
    )


def _told(axis: AxisView, otherwise: str) -> str:
    return f"{otherwise if axis.label == '?' else named(axis)} (size {axis.size})"


RULE = Rule(
    "mean-by-other-count",
    Severity.WARNING,
    "A weighted sum is divided by the sum of its weights over other axes.",
    MeanCount,
    check,
)
