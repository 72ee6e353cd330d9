"""Positions are added along the batch instead of along time."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.axis import Role
from shapecheck.core.facts import Alignment, AxisView, Fact
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.core.samples import counts_samples
from shapecheck.core.sums import PositionsOfHeads, PositionsOfSamples
from shapecheck.rules._axes import because, finding, line, named, shape
from shapecheck.rules.role_conflict import positional


def check(fact: Fact) -> Iterator[Finding]:
    """Fires where an axis of positions meets the batch."""
    if isinstance(fact, PositionsOfSamples):
        yield from _counted(fact)
    elif isinstance(fact, PositionsOfHeads):
        yield from _of_heads(fact)
    elif isinstance(fact, Alignment):
        yield from _aligned(fact)


def _counted(fact: PositionsOfSamples) -> Iterator[Finding]:
    """Positions that were counted along what layers read as the batch, and never as time."""
    axes = fact.other.axes
    if not axes[fact.position].reads and _samples(axes[fact.position]):
        yield from _of_samples(fact)
        return
    batch, text = axes[fact.position], fact.table.text or "the positions"
    reads = [w for w in batch.reads if w.role is Role.BATCH and w.text.startswith("nn.")]
    places = {w.place for w in reads}
    time = [
        i
        for i, axis in enumerate(axes)
        if any(w.role is Role.TIME and w.place in places for w in axis.reads)
    ]
    if not time or batch.role not in (None, Role.BATCH) or batch.shared:
        return
    if any(w.role is Role.TIME for w in batch.reads):
        return
    yield finding(
        fact,
        RULE.slug,
        Severity.WARNING,
        f"{text} was counted along axis {fact.position} of {fact.other.text or 'the sequence'}, "
        "the batch: every sample gets one position, and every step of it the same",
        expected=f"positions counted along axis {time[0]}, time",
        actual=f"{shape(fact.table)} added to {shape(fact.other)}",
        cause=f"{reads[0].text} ({line(reads[0].place, fact.place)})",
    )


def _samples(axis: AxisView) -> bool:
    known = axis.role is Role.BATCH and axis.sure
    return known or (axis.role is None and any(map(counts_samples, axis.names)))


def _of_samples(fact: PositionsOfSamples) -> Iterator[Finding]:
    """A table with a row for each position lies along what has a name for samples."""
    axes, text = fact.other.axes, fact.table.text or "the positions"
    time = [i for i, axis in enumerate(axes) if axis.role is Role.TIME and axis.sure]
    batch = axes[fact.position]
    if not time:
        return
    yield finding(
        fact,
        RULE.slug,
        Severity.WARNING,
        f"{text} lies along axis {fact.position} of {fact.other.text or 'the sequence'}, "
        f"{batch.names[0] if batch.names else named(batch)}: every sample gets one position, and "
        "every step of it the same",
        expected=f"positions along axis {time[0]}, {named(axes[time[0]])}",
        actual=f"{shape(fact.table)} added to {shape(fact.other)}",
        cause="the table has a row for each position, by its name",
    )


def _of_heads(fact: PositionsOfHeads) -> Iterator[Finding]:
    """Every step of a sequence is turned by the same angles, each head by others."""
    text = fact.other.text or "the sequence"
    before = fact.other.axes[: fact.position]
    steps = [at for at, axis in enumerate(before) if _is_time(axis) or _beside_batch(axis, before)]
    if len(steps) != 1:
        return
    (time,) = steps
    yield finding(
        fact,
        RULE.slug,
        Severity.WARNING,
        f"{fact.table.text or 'the table'} holds positions counted along axis {fact.position} of "
        f"{text} {fact.other.shape}, the heads: every step gets the same, and each head another",
        expected=f"positions counted along axis {time}, {_named(before[time])}",
        actual=f"{shape(fact.table)} with {shape(fact.other)}",
        cause=f"axes {fact.position} and {fact.position + 1} are a layer's features, split in two",
        remedy=f"x.transpose({time}, {fact.position}) before, and back again after",
    )


def _is_time(axis: AxisView) -> bool:
    """True for what is called so, or what nobody names and operations read as nothing else."""
    if axis.role is not None or axis.size == 1:
        return axis.role is Role.TIME and axis.size > 1
    return {witness.role for witness in axis.reads} == {Role.TIME}


def _beside_batch(axis: AxisView, before: tuple[AxisView, ...]) -> bool:
    """True for what a single letter calls the batch, beside what is proven to be: `b, n, d`."""
    if axis.role is not Role.BATCH or axis.sure or axis.size == 1 or axis.half is not None:
        return False
    guessed = all(witness.weak for witness in axis.witnesses)
    return guessed and any(other.role is Role.BATCH and other.sure for other in before)


def _named(steps: AxisView) -> str:
    """In words, without the role that a letter only seems to give."""
    return steps.names[0] if steps.role is Role.BATCH and steps.names else named(steps)


def _aligned(fact: Alignment) -> Iterator[Finding]:
    """A table of positions whose axis is known as time meets the batch."""
    if not positional(fact):
        return
    left, right = fact.axes
    table, other = (fact.left, fact.right) if left.role is Role.TIME else (fact.right, fact.left)
    positions, batch = (left, right) if left.role is Role.TIME else (right, left)
    if batch.role is not Role.BATCH or not (positions.sure or batch.sure):
        return
    made = f", made at {line(positions.place, fact.place)}" if positions.place else ""
    yield finding(
        fact,
        RULE.slug,
        Severity.ERROR if positions.sure and batch.sure else Severity.WARNING,
        f"{table.text or 'the positions'} is added along {named(batch)}: "
        "every sample gets one position, and every step of it the same",
        expected="positions along time",
        actual=f"{shape(table)} added to {shape(other)}",
        cause=f"the table's axis is {named(positions)}{made}; {because(batch, fact.place)}",
    )


RULE = Rule(
    "positional-encoding-axis",
    Severity.ERROR,
    "Positions are added along the batch instead of along time.",
    Fact,
    check,
)
