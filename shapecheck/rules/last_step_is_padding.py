"""The last step of sequences that were padded again: for all but the longest it is padding."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.axis import Role
from shapecheck.core.facts import Picked
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.rules._axes import finding, line, read_as, shape


def check(fact: Picked) -> Iterator[Finding]:
    """Only where the lengths were unequal: else the last index is the last step of each.

    And only of all samples at once: of one of them (the longest, say) it may be asked for.
    """
    padded = fact.operand.axes[fact.position].padded
    others = [a for i, a in enumerate(fact.operand.axes) if i not in (fact.position, *fact.beside)]
    if padded is None or fact.index != -1:
        return
    if not any(a.role is Role.BATCH or read_as(a, Role.BATCH) for a in others):
        return
    text = fact.operand.text or "the output"
    yield finding(
        fact,
        RULE.slug,
        Severity.WARNING,
        f"index -1 of axis {fact.position} of {text} is padding for every sample that is shorter "
        "than the longest",
        expected="the last step of each sample: h_n[-1], or out gathered at lengths - 1",
        actual=shape(fact.operand),
        cause=f"sequences of several lengths were padded ({line(padded, fact.place)}) to "
        f"{fact.operand.shape[fact.position]} steps",
        remedy="h_n[-1]",
    )


RULE = Rule(
    "last-step-is-padding",
    Severity.WARNING,
    "The last step is taken of sequences that end in padding.",
    Picked,
    check,
)
