"""An index with one entry a sample is laid across the samples: a table of all pairs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.core.sums import PairsMade
from shapecheck.rules._axes import finding, line, shape


def check(fact: PairsMade) -> Iterator[Finding]:
    """Only where the table is then used as if it were one entry a sample."""
    text = fact.text or "x"
    size = fact.operand.shape[0] if fact.operand.shape else 0
    use = "here" if fact.place.line == fact.made.line else line(fact.place, fact.made)
    yield finding(
        replace(fact, place=fact.made),
        RULE.slug,
        Severity.WARNING,
        f"{text}[:, index] picks the entries of all samples from every sample: a table of "
        f"{fact.operand.shape}, used ({use}) as one entry a sample",
        expected=f"{size} entries, one a sample",
        actual=shape(fact.operand),
        cause="a slice and an index beside it are combined each with each",
        remedy=f"{text}[torch.arange({size}), index]",
    )


RULE = Rule(
    "index-makes-pairs",
    Severity.WARNING,
    "An index with one entry a sample is laid across the samples: a table of all pairs.",
    PairsMade,
    check,
)
