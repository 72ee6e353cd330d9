"""One row of scores is repeated for all samples that are to be told from one another."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rows import SameForAll
from shapecheck.core.rule import Rule
from shapecheck.rules._axes import finding, line, shape


def check(fact: SameForAll) -> Iterator[Finding]:
    """Scores of all pairs are wanted; those of each sample with its own partner were repeated."""
    text, count = fact.operand.text or "the input", fact.operand.shape[0]
    yield finding(
        fact,
        RULE.slug,
        RULE.severity,
        f"{fact.operation} is to tell {count} samples from one another, but all rows of {text} are "
        f"the same: one row, repeated at {line(fact.made, fact.place)}",
        expected="scores of each sample with all others, as torch.cdist(x, y) or x @ y.T gives",
        actual=f"{shape(fact.source)}, repeated to {fact.operand.shape}",
        cause="the targets count the samples (0, 1, 2, …), so each row has another right answer",
    )


RULE = Rule(
    "one-prediction-for-all",
    Severity.WARNING,
    "One row of scores is repeated for all samples that are to be told from one another.",
    SameForAll,
    check,
)
