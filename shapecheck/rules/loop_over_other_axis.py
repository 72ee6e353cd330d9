"""A loop counts the indices of one axis, and picks with them along another."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rows import LoopAcross
from shapecheck.core.rule import Rule
from shapecheck.rules._axes import finding, named, shape


def check(fact: LoopAcross) -> Iterator[Finding]:
    """Fires where the two axes are known to mean different things.

    Of a square nothing but its sizes is known: `n = a.size(0)` counts its columns as well.
    """
    text = fact.operand.text or "x"
    axes = fact.operand.axes
    counted, picked = axes[fact.counted], axes[fact.position]
    if counted.role is None or picked.role is None or counted.role is picked.role:
        return
    before = ":, " * fact.counted
    yield finding(
        fact,
        RULE.slug,
        Severity.WARNING,
        f"the loop counts {fact.index} up to {fact.count}, the size of axis {fact.counted} of "
        f"{text}, but {fact.index} picks along axis {fact.position}",
        expected=f"{fact.index} along axis {fact.counted}, {named(counted)} of size {counted.size}",
        actual=f"{fact.index} along axis {fact.position}, {named(picked)} of size {picked.size}: "
        f"{shape(fact.operand)}",
        cause="an index that counts one axis means nothing along another, even of the same size",
        remedy=f"{text}[{before}{fact.index}]",
    )


RULE = Rule(
    "loop-over-other-axis",
    Severity.WARNING,
    "A loop counts the indices of one axis, and picks with them along another.",
    LoopAcross,
    check,
)
