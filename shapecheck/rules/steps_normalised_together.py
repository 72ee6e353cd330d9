"""All steps of a sequence are normalised together before attention reads them one by one."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.core.standards import StepsNormalised
from shapecheck.rules._axes import finding, line, named, shape


def check(fact: StepsNormalised) -> Iterator[Finding]:
    """Fires where `layer_norm` took `x.shape[1:]` of hidden states, and attention their steps."""
    text, axis = fact.operand.text or "x", fact.operand.axes[fact.time]
    steps = f"axis {fact.time}" if axis.label == "?" else f"{named(axis)}, axis {fact.time},"
    rank = len(fact.operand.shape)
    yield finding(
        fact,
        RULE.slug,
        RULE.severity,
        f"{fact.operation} normalises {text} over {steps} as well, whose entries attention "
        f"({line(fact.used, fact.place)}) reads as steps of a sequence: each step depends on all "
        "others",
        expected=f"statistics over axis {rank - 1}, the features of one step",
        actual=f"statistics over axes {fact.time} and {rank - 1} of {shape(fact.operand)}",
        cause="what comes later, and what is padding, moves every step, whatever a mask hides",
        remedy=f"{text}.shape[-1:]",
    )


RULE = Rule(
    "steps-normalised-together",
    Severity.WARNING,
    "All steps of a sequence are normalised together before attention reads them one by one.",
    StepsNormalised,
    check,
)
