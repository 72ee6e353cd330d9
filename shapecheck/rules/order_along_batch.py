"""An operation that follows the order of an axis runs along the batch instead of time."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.axis import Role
from shapecheck.core.facts import Ordered
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.rules._axes import because, finding, named, shape


def check(fact: Ordered) -> Iterator[Finding]:
    """Only where both are known for sure: the batch that is followed, the time that is not."""
    axes = fact.operand.axes
    batch = axes[fact.position]
    time = [i for i, axis in enumerate(axes) if axis.role is Role.TIME and axis.sure]
    if batch.role is not Role.BATCH or not batch.sure or not time:
        return
    doing = "a slice" if fact.operation == "__getitem__" else fact.operation
    yield finding(
        fact,
        RULE.slug,
        Severity.WARNING,
        f"{doing} follows the order of axis {fact.position}, but that is {named(batch)}",
        expected=f"{doing} along axis {time[0]}, {named(axes[time[0]])}",
        actual=shape(fact.operand),
        cause=f"samples have no order; {because(batch, fact.place)}",
        remedy=f"dim={time[0]}" if fact.operation != "__getitem__" else "",
    )


RULE = Rule(
    "order-along-batch",
    Severity.WARNING,
    "An operation that follows the order of an axis runs along the batch instead of time.",
    Ordered,
    check,
)
