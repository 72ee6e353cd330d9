"""A call whose dim was left out took all axes as one row, where each row was meant."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.facts import Fact
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rows import FlatCompared, RolledFlat
from shapecheck.core.rule import Rule
from shapecheck.core.signs import spoken
from shapecheck.rules._axes import finding, named, shape


def check(fact: Fact) -> Iterator[Finding]:
    """Rolls that carry entries from row to row, and one index that is compared with labels."""
    if isinstance(fact, RolledFlat):
        yield _rolled(fact)
    elif isinstance(fact, FlatCompared):
        yield _compared(fact)


def _rolled(fact: RolledFlat) -> Finding:
    axis = fact.operand.axes[fact.position]
    name = f", {named(axis)}" if axis.label != "?" else ""
    return finding(
        fact,
        RULE.slug,
        RULE.severity,
        f"{spoken(fact.operation)} without dims moves entries of {fact.operand.text or 'x'} from "
        "each row into the next: all axes are taken as one row",
        expected=f"a roll along one axis: axis {fact.position}{name}",
        actual=f"{shape(fact.operand)}, rolled by {fact.shift} as one row of {_count(fact)}",
        cause="without dims a tensor is flattened, rolled, and given its shape back",
        remedy=f"dims={fact.position}",
    )


def _count(fact: RolledFlat) -> int:
    count = 1
    for size in fact.operand.shape:
        count *= size
    return count


def _compared(fact: FlatCompared) -> Finding:
    text, rank = fact.index.text or "the index", len(fact.source.shape)
    return finding(
        fact,
        RULE.slug,
        RULE.severity,
        f"{text} is one index into all {fact.source.shape} entries, but is compared with "
        f"{fact.labels.text or 'labels'}, of which there is one for each row",
        expected=f"{fact.by}(dim={rank - 1}), one index for each row",
        actual=f"one number with {shape(fact.labels)}",
        cause=f"{fact.by} without dim takes all axes as one row",
        remedy=f"dim={rank - 1}",
    )


RULE = Rule(
    "dim-left-out",
    Severity.WARNING,
    "A call whose dim was left out took all axes as one row, where each row was meant.",
    Fact,
    check,
)
