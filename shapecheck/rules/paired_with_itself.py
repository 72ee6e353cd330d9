"""A tensor is repeated on both sides in the same way, so no entry meets another one."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.core.sums import PairedAlike
from shapecheck.rules._axes import finding, line, named, shape


def check(fact: PairedAlike) -> Iterator[Finding]:
    """All pairs need one side entry by entry, and the other as a whole."""
    text, size = fact.operand.text or "x", fact.axis.size
    axis = named(fact.axis) if fact.axis.sure else "the axis"
    lines = " and ".join(line(place, fact.place) for place in fact.places)
    yield finding(
        fact,
        RULE.slug,
        Severity.WARNING,
        f"both sides repeat {text} in the same way ({lines}): each entry of {axis} (size {size}) "
        "is paired with itself alone, as often as there are entries",
        expected=f"{size} * {size} pairs: one side by repeat, the other by repeat_interleave",
        actual=f"{shape(fact.operand)}, {fact.how} on both sides",
        cause="the same copies lie at the same places of both",
    )


RULE = Rule(
    "paired-with-itself",
    Severity.WARNING,
    "A tensor is repeated on both sides in the same way, so no entry meets another one.",
    PairedAlike,
    check,
)
