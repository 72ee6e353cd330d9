"""The hidden state is given back as the cell state, or the reverse."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.facts import StatePassed
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.rules._axes import finding, line


def check(fact: StatePassed) -> Iterator[Finding]:
    """Both states have one shape, so only where they came from tells them apart."""
    yield finding(
        fact,
        RULE.slug,
        Severity.ERROR,
        f"{fact.layer} is given {fact.came_as} as {fact.slot}",
        expected=f"{fact.came_as[0]} where {fact.slot} goes in",
        actual=f"{fact.came_as}, which came out at {line(fact.came_at, fact.place)}",
        cause="the states are (hidden, cell) on the way in and on the way out",
        remedy="(h, c)",
    )


RULE = Rule(
    "state-swapped",
    Severity.ERROR,
    "The hidden state is given back as the cell state, or the reverse.",
    StatePassed,
    check,
)
