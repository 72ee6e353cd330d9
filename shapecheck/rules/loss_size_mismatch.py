"""A loss takes an input and a target of different shapes and broadcasts them."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.facts import LossSizes
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.rules._axes import finding, shape

_OF_PAIRS = ("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss")  # torch warns of these itself


def check(fact: LossSizes) -> Iterator[Finding]:
    """An error where both grow, a warning where ranks differ or one prediction meets several
    targets; silent where the target is one number for all."""
    grown = [operand.shape != fact.result for operand in (fact.input, fact.target)]
    counts = [_count(operand.shape) for operand in (fact.input, fact.target)]
    if 1 in counts:
        return
    lost = [axis.label for axis in (*fact.input.lost, *fact.target.lost)]
    several = grown[0] and fact.loss in _OF_PAIRS  # one target for several predictions may be meant
    unlike = several or len(fact.input.shape) != len(fact.target.shape)
    cause = "each value of the one is compared with every value of the other"
    if lost:
        cause += f"; a squeeze() without dim took the axis {lost[0]} away before"
    yield finding(
        fact,
        RULE.slug,
        Severity.ERROR if all(grown) else Severity.WARNING if unlike else Severity.NOTE,
        f"{fact.loss} compares {fact.input.shape} with {fact.target.shape} as {fact.result}",
        expected=f"a target of shape {fact.input.shape}, as {shape(fact.input)}",
        actual=shape(fact.target),
        cause=cause,
        remedy=_remedy(fact),
    )


def _count(sizes: tuple[int, ...]) -> int:
    count = 1
    for size in sizes:
        count *= size
    return count


def _remedy(fact: LossSizes) -> str:
    a, b = fact.input.shape, fact.target.shape
    if a == (*b, 1):
        return f"{fact.input.text or 'input'}.squeeze(-1)"
    if b == (*a, 1):
        return f"{fact.target.text or 'target'}.squeeze(-1)"
    return ""


RULE = Rule(
    "loss-size-mismatch",
    Severity.ERROR,
    "A loss takes an input and a target of different shapes and broadcasts them.",
    LossSizes,
    check,
)
