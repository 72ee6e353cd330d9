"""Probabilities are added up along the axis over which they sum to one: always the same."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.core.shares import SharesAdded
from shapecheck.rules._axes import finding, named, shape


def check(fact: SharesAdded) -> Iterator[Finding]:
    """The number that comes out is known beforehand, whatever the model says."""
    axes, text = fact.operand.axes, fact.operand.text or "the probabilities"
    left = [i for i, axis in enumerate(axes) if i not in fact.dims]
    kept = " and ".join(f"{i}" for i in left)
    own = axes[fact.position]
    yield finding(
        fact,
        RULE.slug,
        Severity.WARNING,
        f"{fact.operation} over axes {fact.dims} of {text} runs over axis {fact.position}, along "
        f"which {fact.by} made it add up to one: the result is the same whatever the model says",
        expected=f"{fact.operation} over other axes than {named(own)}, one number for each of its "
        f"{own.size}",
        actual=f"{fact.operation} of {shape(fact.operand)}, which leaves axis {kept}",
        cause="shares of one whole add up to it",
    )


RULE = Rule(
    "shares-added-up",
    Severity.WARNING,
    "Probabilities are added up along the axis over which they sum to one: always the same.",
    SharesAdded,
    check,
)
