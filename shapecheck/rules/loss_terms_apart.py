"""Two terms of a loss: one averages over an axis that the other adds up."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.core.sums import TermsApart
from shapecheck.rules._axes import finding, line, named


def check(fact: TermsApart) -> Iterator[Finding]:
    """Sums and means may be mixed on purpose, but not exchanged between the two axes."""
    over, instead = fact.axes
    first, second = (text or "one term" for text in fact.texts)
    batch = named(over) if over.label != "?" else "one axis"
    other = named(instead) if instead.label != "?" else "another axis"
    yield finding(
        fact,
        RULE.slug,
        Severity.WARNING,
        f"two terms of a loss treat {batch} (size {over.size}) differently: {first} is averaged "
        f"over it, but {second} was added up over it and is averaged over {other} (size "
        f"{instead.size})",
        expected=f"{second} added up over {other} and averaged over {batch}",
        actual=f"{first} ({line(fact.places[0], fact.place)}) + {second} "
        f"({line(fact.places[1], fact.place)})",
        cause="the sum that comes before the mean runs over the axis of the samples",
    )


RULE = Rule(
    "loss-terms-apart",
    Severity.WARNING,
    "Two terms of a loss: one averages over an axis that the other adds up.",
    TermsApart,
    check,
)
