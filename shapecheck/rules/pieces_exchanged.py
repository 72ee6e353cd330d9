"""Pieces of the batch are joined again in another order: samples trade their values."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.core.shares import PiecesExchanged
from shapecheck.rules._axes import finding, line, shape


def check(fact: PiecesExchanged) -> Iterator[Finding]:
    """Half of the features is meant where half of the samples is taken."""
    rank = len(fact.operand.axes)
    others = [i for i in range(rank) if i != fact.position and fact.operand.axes[i].size > 1]
    instead = f"axis {others[0]}" if len(others) == 1 else "another axis"
    yield finding(
        fact,
        RULE.slug,
        Severity.WARNING,
        f"{fact.how} ({line(fact.cut, fact.place)}) cuts axis {fact.position}, the samples, and "
        f"{fact.operation} joins the pieces in another order: each sample gets those of another",
        expected=f"{fact.how} and {fact.operation} along {instead}",
        actual=f"pieces {shape(fact.operand)}",
        cause=f"entries along axis {fact.position} were taken at random "
        f"({line(fact.shuffled, fact.place)}): they are samples",
        remedy=f"dim={others[0]}" if len(others) == 1 else "",
    )


RULE = Rule(
    "pieces-exchanged",
    Severity.WARNING,
    "Pieces of the batch are joined again in another order: samples trade their values.",
    PiecesExchanged,
    check,
)
