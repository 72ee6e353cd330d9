"""Names are paired by zip with more entries than there are names: those of another axis."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.core.shares import NamesShort
from shapecheck.rules._axes import finding, shape


def check(fact: NamesShort) -> Iterator[Finding]:
    """A statistic was taken over what has names, and is left for each sample."""
    text, size = fact.operand.text or "the tensor", fact.operand.shape[0]
    yield finding(
        fact,
        RULE.slug,
        Severity.WARNING,
        f"zip pairs the {fact.count} {fact.names} with the first {fact.count} of {size} entries of "
        f"{text}: {fact.table} ({size}, {fact.count}) has as many rows, and the names are of its "
        "columns",
        expected=f"{fact.count} entries, one for each name: taken over axis 0 of {fact.table}",
        actual=shape(fact.operand),
        cause="zip stops without a word where the shorter one ends",
        remedy="zip(..., strict=True) says so at once",
    )


RULE = Rule(
    "names-cut-short",
    Severity.WARNING,
    "Names are paired by zip with more entries than there are names: those of another axis.",
    NamesShort,
    check,
)
