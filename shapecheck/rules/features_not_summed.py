"""A product or distance of vectors is added up over the samples, and the entries are left."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.core.sums import FeaturesLeft
from shapecheck.rules._axes import finding, named, shape

_WHAT = {
    "product": "a product of vectors",
    "distance": "a distance of vectors",
    "pairs": "the distance of each vector to each other",
}


def check(fact: FeaturesLeft) -> Iterator[Finding]:
    """What is left has a number for each entry of the vectors, and is used as scores."""
    text = fact.operand.text or "x"
    axes = fact.operand.axes
    summed, entries = axes[fact.summed], axes[fact.features]
    yield finding(
        fact,
        RULE.slug,
        Severity.WARNING,
        f"{text} is {_WHAT[fact.kind]}, but {fact.operation} runs over axis {fact.summed}, of size "
        f"{summed.size}: each entry of the vectors, axis {fact.features}, gets a score of its own",
        expected=f"{fact.operation} over axis {fact.features}, {named(entries)} of size "
        f"{entries.size}",
        actual=f"{fact.operation} over axis {fact.summed} of {shape(fact.operand)}",
        cause="two vectors are compared by all their entries together; the others stay apart",
        remedy="dim=-1",
    )


RULE = Rule(
    "features-not-summed",
    Severity.WARNING,
    "A product or distance of vectors is added up over the samples, and the entries are left.",
    FeaturesLeft,
    check,
)
