"""Positions are added along the batch instead of along time."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.axis import Role
from shapecheck.core.facts import Alignment
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.rules._axes import because, finding, line, named, shape
from shapecheck.rules.role_conflict import positional


def check(fact: Alignment) -> Iterator[Finding]:
    """Fires where an axis of positions meets the batch."""
    if not positional(fact):
        return
    left, right = fact.axes
    table, other = (fact.left, fact.right) if left.role is Role.TIME else (fact.right, fact.left)
    positions, batch = (left, right) if left.role is Role.TIME else (right, left)
    if batch.role is not Role.BATCH or not (positions.sure or batch.sure):
        return
    made = f", made at {line(positions.place, fact.place)}" if positions.place else ""
    yield finding(
        fact,
        RULE.slug,
        Severity.ERROR if positions.sure and batch.sure else Severity.WARNING,
        f"{table.text or 'the positions'} is added along {named(batch)}: "
        "every sample gets one position, and every step of it the same",
        expected="positions along time",
        actual=f"{shape(table)} added to {shape(other)}",
        cause=f"the table's axis is {named(positions)}{made}; {because(batch, fact.place)}",
    )


RULE = Rule(
    "positional-encoding-axis",
    Severity.ERROR,
    "Positions are added along the batch instead of along time.",
    Alignment,
    check,
)
