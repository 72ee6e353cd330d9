"""The hidden state is given back as the cell state, or the reverse."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.facts import Fact, StatePassed
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.core.sums import StatesNamed
from shapecheck.rules._axes import finding, line


def check(fact: Fact) -> Iterator[Finding]:
    """Both states have one shape, so only where they came from and their names tell them apart."""
    if isinstance(fact, StatePassed):
        yield _passed(fact)
    elif isinstance(fact, StatesNamed):
        yield _named(fact)


def _named(fact: StatesNamed) -> Finding:
    first, second = fact.names
    return finding(
        fact,
        RULE.slug,
        Severity.WARNING,
        f"{fact.layer} gives (h_n, c_n), but the hidden state is called {first} here and the cell "
        f"state {second}",
        expected=f"({second}, {first})",
        actual=f"({first}, {second})",
        cause="the states are (hidden, cell) on the way in and on the way out",
        remedy=f"({second}, {first})",
    )


def _passed(fact: StatePassed) -> Finding:
    return finding(
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
    Fact,
    check,
)
