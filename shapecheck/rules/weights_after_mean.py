"""Numbers of samples meet a loss that was averaged over the samples already."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.core.sums import WeightsLate
from shapecheck.rules._axes import finding, line, named, shape


def check(fact: WeightsLate) -> Iterator[Finding]:
    """A mean of the product is then the mean of the weights times the mean of the losses."""
    axis = named(fact.axis) if fact.axis.label != "?" else "an axis"
    text = fact.weights.text or "the weights"
    loss = fact.loss or "the loss"
    yield finding(
        fact,
        RULE.slug,
        Severity.WARNING,
        f"{text} has one number for each index of {axis} (size {fact.axis.size}), but {loss} was "
        "averaged over it before, so no loss gets its own weight",
        expected="a loss for each sample: reduction='none', and the mean of the product",
        actual=f"{shape(fact.weights)} times one number ({line(fact.averaged, fact.place)})",
        cause="the default reduction of a loss is the mean of all entries",
        remedy="reduction='none'",
    )


RULE = Rule(
    "weights-after-mean",
    Severity.WARNING,
    "Numbers of samples meet a loss that was averaged over the samples already.",
    WeightsLate,
    check,
)
