"""Both sides are one tensor in one order, so no entry meets another one."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.facts import Fact
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.core.sums import PairedAlike, TurnedInVain
from shapecheck.rules._axes import finding, line, named, shape


def check(fact: Fact) -> Iterator[Finding]:
    """All pairs need one side entry by entry, and the other as a whole."""
    if isinstance(fact, PairedAlike):
        yield _repeated(fact)
    elif isinstance(fact, TurnedInVain):
        yield _turned(fact)


def _turned(fact: TurnedInVain) -> Finding:
    text, size = fact.operand.text or "x", fact.operand.shape[0]
    name = f"({text})" if " " in text else text
    turned = f"{name}.{fact.how}" + ("()" if fact.how == "t" else "")
    return finding(
        fact,
        RULE.slug,
        Severity.WARNING,
        f"{text} has one axis, and {turned} is the same: each of {size} entries meets itself alone",
        expected=f"{size} * {size} pairs: {name}[:, None] with {name}[None, :]",
        actual=f"{shape(fact.operand)} with itself",
        cause="a transposition exchanges two axes; of one it changes nothing",
        remedy=f"{name}[:, None]",
    )


def _repeated(fact: PairedAlike) -> Finding:
    text, size = fact.operand.text or "x", fact.axis.size
    axis = named(fact.axis) if fact.axis.sure else "the axis"
    lines = " and ".join(line(place, fact.place) for place in fact.places)
    return finding(
        fact,
        RULE.slug,
        Severity.WARNING,
        f"both sides repeat {text} in the same way ({lines}): each entry of {axis} (size {size}) "
        "is paired with itself alone, as often as there are entries",
        expected=f"{size} * {size} pairs: one side by repeat, the other by repeat_interleave",
        actual=f"{shape(fact.operand)}, {fact.how} on both sides",
        cause="the same copies lie at the same places of both",
    )


RULE = Rule(
    "paired-with-itself",
    Severity.WARNING,
    "Both sides are one tensor in one order, so no entry meets another one.",
    Fact,
    check,
)
