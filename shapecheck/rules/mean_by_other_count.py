"""A weighted sum is divided by the sum of its weights over other axes."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.facts import Fact
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.core.sums import LogMeanCount, MeanCount
from shapecheck.core.tracked import AxisView
from shapecheck.rules._axes import finding, named, shape


def check(fact: Fact) -> Iterator[Finding]:
    """Weighted means, and means of what is given by its logarithm."""
    if isinstance(fact, LogMeanCount):
        yield _log_mean(fact)
    elif isinstance(fact, MeanCount):
        yield from _weighted(fact)


def _log_mean(fact: LogMeanCount) -> Finding:
    axes = fact.operand.axes
    over, counted = axes[fact.over], axes[fact.counted]
    return finding(
        fact,
        RULE.slug,
        Severity.WARNING,
        f"logsumexp runs over axis {fact.over} (size {over.size}), but the logarithm of "
        f"{counted.size}, the size of axis {fact.counted}, is taken off: no mean over either",
        expected=f"logsumexp over axis {fact.counted}, which is what was counted",
        actual=f"logsumexp over axis {fact.over} of {shape(fact.operand)}",
        cause="the logarithm of a mean is a logsumexp, less the logarithm of how many there were",
        remedy=f"dim={fact.counted}",
    )


def _weighted(fact: MeanCount) -> Iterator[Finding]:
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
    Fact,
    check,
)
