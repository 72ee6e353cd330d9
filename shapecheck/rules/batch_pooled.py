"""What a layer read as the batch is averaged away, and its time is kept."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.axis import Role
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.core.sums import PooledAxis
from shapecheck.rules._axes import finding, line, read_as, shape


def check(fact: PooledAxis) -> Iterator[Finding]:
    """No name says which axis is which: the layer and the reduction contradict each other."""
    over, kept = fact.operand.axes[fact.over], fact.operand.axes[fact.kept]
    if over.role is not None or kept.role is Role.TIME:
        return  # told by the names
    if any(len(name) > 1 for name in over.names):
        return  # persons, agents, sensors: a word of its own, and the layer runs along the other
    if read_as(over, Role.TIME) or read_as(kept, Role.BATCH):
        return
    read = next(w for w in over.reads if w.role is Role.BATCH)
    packed = read.text.startswith("pack_")
    place = "pad_packed_sequence" if packed else "the layer"
    ran = "" if packed else ", or the layer ran along them"
    yield finding(
        fact,
        RULE.slug,
        Severity.WARNING,
        f"{fact.operation} over axis {fact.over} leaves axis {fact.kept}, but {read.text}: "
        f"{'' if packed else 'either '}the samples are averaged away{ran}",
        expected=f"dim={fact.kept}, or batch_first={fact.over == 1} at {place}",
        actual=shape(fact.operand),
        cause=f"{read.text} ({line(read.place, fact.place)})",
        remedy=f"batch_first={fact.over == 1}",
    )


RULE = Rule(
    "batch-pooled",
    Severity.WARNING,
    "What a layer read as the batch is averaged away, and its time is kept.",
    PooledAxis,
    check,
)
