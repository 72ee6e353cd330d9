"""A gather or scatter whose index has one entry along an axis that has more."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.core.sums import IndexShort
from shapecheck.rules._axes import finding, named, shape

_SPELLED = ("tensor", "LongTensor", "as_tensor")


def check(fact: IndexShort) -> Iterator[Finding]:
    """Index and source lie along each other on every axis but one, and nothing is broadcast.

    An index that was spelled out, number by number, is meant as it stands.
    """
    if fact.index.made_by in _SPELLED:
        return
    axis = fact.operand.axes[fact.position]
    text = fact.index.text or "the index"
    doing = "reads" if fact.operation == "gather" else "writes"
    yield finding(
        fact,
        RULE.slug,
        Severity.WARNING,
        f"{fact.operation} along axis {fact.dim} {doing} entry 0 of axis {fact.position} alone, "
        f"of {axis.size} ({named(axis)})"
        if axis.label != "?"
        else f"{fact.operation} along axis {fact.dim} {doing} entry 0 of axis {fact.position} "
        f"alone, of {axis.size}",
        expected=f"{text} with size {axis.size} along axis {fact.position}",
        actual=f"{shape(fact.operand)} with {shape(fact.index)}",
        cause=f"{fact.operation} does not broadcast its index: size 1 there means the first entry",
        remedy=f"dim={fact.position}" if fact.elsewhere else f"{text}.expand(…)",
    )


RULE = Rule(
    "index-misses-entries",
    Severity.WARNING,
    "A gather or scatter reads or writes one entry of an axis, since its index has size one there.",
    IndexShort,
    check,
)
