"""Columns of unlike quantities are standardised together, row by row."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.core.standards import RowsStandardised
from shapecheck.rules._axes import finding, line, shape


def check(fact: RowsStandardised) -> Iterator[Finding]:
    """Each number is compared with other quantities of its sample, not with other samples."""
    text, right = fact.operand.text or "the data", 1 - fact.axis
    where = f" ({line(fact.stacked, fact.place)})" if fact.stacked else ""
    which = f"laid side by side{where}" if fact.stacked else "taken one by one elsewhere"
    yield finding(
        fact,
        RULE.slug,
        RULE.severity,
        f"{text} is standardised over axis {fact.axis}, {fact.columns} quantities that were "
        f"{which}: each is compared with the others, whose numbers are of another size altogether",
        expected=f"mean and deviation over axis {right}, one for each quantity",
        actual=f"mean and deviation over axis {fact.axis} of {shape(fact.operand)}, one for each "
        "sample",
        cause="the largest quantity decides both, and all rows come out nearly alike",
        remedy=f"dim={right}",
    )


RULE = Rule(
    "rows-standardised",
    Severity.WARNING,
    "Columns of unlike quantities are standardised together, row by row.",
    RowsStandardised,
    check,
)
