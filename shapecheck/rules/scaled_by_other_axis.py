"""Scores of attention are scaled by the size of another axis than the one they sum over."""

from __future__ import annotations

import re
from collections.abc import Iterator

from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.core.scales import ScaledBy
from shapecheck.rules._axes import finding, line, shape, told_apart


def check(fact: ScaledBy) -> Iterator[Finding]:
    """Only where a softmax takes the scores: what is averaged is divided by a length on purpose."""
    wrong, summed = told_apart(fact.axis, fact.summed, fact.place)
    summed = "the axis that is summed" if summed == "?" else summed
    size = _read_last(fact.size)
    yield finding(
        fact,
        RULE.slug,
        RULE.severity,
        f"the scores are scaled by the root of {fact.size}, {wrong} of size {fact.axis.size}, but "
        f"each is a sum of {fact.summed.size} products along {summed}",
        expected=f"the size of {summed}" + (f", {size}" if size else ""),
        actual=f"{fact.size}, of {shape(fact.operand)}",
        cause="the spread of a sum grows with the root of how much is summed; the softmax "
        f"({line(fact.used, fact.place)}) comes out too flat, or too sharp",
        remedy=size,
    )


def _read_last(text: str) -> str:
    """The same reading of the last axis: `q.size(-1)` for `q.size(1)`."""
    found = re.fullmatch(r"(\w+\.)(size\(|shape\[|size\(\)\[)-?\d+([)\]])", text)
    return f"{found[1]}{found[2]}-1{found[3]}" if found else ""


RULE = Rule(
    "scaled-by-other-axis",
    Severity.WARNING,
    "Scores of attention are scaled by the size of another axis than the one they sum over.",
    ScaledBy,
    check,
)
