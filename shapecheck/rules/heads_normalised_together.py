"""One softmax runs over all heads of attention and their keys, where each head has its own."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.core.standards import HeadsNormalised
from shapecheck.rules._axes import finding, line, shape


def check(fact: HeadsNormalised) -> Iterator[Finding]:
    """Fires where heads are merged with the keys, normalised, and taken apart again."""
    text = fact.operand.text or "the scores"
    yield finding(
        fact,
        RULE.slug,
        RULE.severity,
        f"{fact.operation} runs over heads and keys at once, axis {fact.position} of {text}: the "
        f"heads, which stand alone again at {line(fact.apart, fact.place)}, share one distribution",
        expected="weights that add up to one over the keys of each head",
        actual=f"weights over all of axis {fact.position} of {shape(fact.operand)}",
        cause="the axis that is normalised holds the heads that features were read as",
        remedy="flatten from the first axis of the keys on, one after the heads",
    )


RULE = Rule(
    "heads-normalised-together",
    Severity.WARNING,
    "One softmax runs over all heads of attention and their keys, where each head has its own.",
    HeadsNormalised,
    check,
)
