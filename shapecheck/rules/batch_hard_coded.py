"""The size of the batch is written as a number in a view, so that another batch breaks."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.axis import Role
from shapecheck.core.facts import Reshape
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.rules._axes import because, finding, read_as, shape


def check(fact: Reshape) -> Iterator[Finding]:
    """Inside functions only: a script that knows its data may write its size."""
    if fact.misplaced or fact.crossed or not fact.place.function:
        return
    for at in fact.literal:
        axis = fact.held[at]
        sure = axis.sure or read_as(axis, Role.BATCH)  # one letter, and a layer that agrees
        if axis.role is not Role.BATCH or not sure or axis.size < 2:
            continue
        yield finding(
            fact,
            RULE.slug,
            Severity.WARNING,
            f"{fact.operation} writes the size of the batch as {fact.texts[at]}",
            expected=f"{fact.source.text or 'x'}.size({_position(fact, axis.identity)})",
            actual=shape(fact.source),
            cause=because(axis, fact.place),
            notes=("A batch of another size, the last one of an epoch, will fail or be mixed.",),
        )


def _position(fact: Reshape, identity: int) -> int:
    identities = [axis.identity for axis in fact.source.axes]
    return identities.index(identity) if identity in identities else 0


RULE = Rule(
    "batch-hard-coded",
    Severity.WARNING,
    "The size of the batch is written as a number in a view, so that another batch breaks.",
    Reshape,
    check,
)
