"""An output carries another axis than the one that it is declared with, of the same size."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.facts import ReturnedAxis
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.rules._axes import finding, named, shape


def check(fact: ReturnedAxis) -> Iterator[Finding]:
    """Fires where the axis came from an input whose declaration calls it otherwise."""
    yield finding(
        fact,
        RULE.slug,
        RULE.severity,
        f"axis {fact.position} of what {fact.function} returns is {named(fact.axis)}, "
        f"not {fact.declared}",
        expected=f"axis {fact.position} of {fact.output} to be {fact.declared}",
        actual=shape(fact.operand),
        cause=f"both have size {fact.axis.size} in this call, so no size tells them apart",
    )


RULE = Rule(
    "wrong-axis-returned",
    Severity.ERROR,
    "An output carries another axis than the one that it is declared with, of the same size.",
    ReturnedAxis,
    check,
)
