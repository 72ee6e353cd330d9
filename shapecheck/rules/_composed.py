"""Readings of an axis that is made of several: the samples' parts taken for steps of a sequence."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.axis import Role
from shapecheck.core.facts import AxisReading, AxisView
from shapecheck.core.finding import Finding, Severity
from shapecheck.rules._axes import because, finding, named, shape


def samples_as_steps(fact: AxisReading, slug: str) -> Iterator[Finding]:
    """The windows of all samples, `(batch·rows, tokens, …)`, read as (time, batch, …).

    Not where the axis that is read as the batch holds a batch itself, or is of size one: then all
    are one sequence, which may be meant.
    """
    axis = fact.operand.axes[fact.position]
    samples = [part for part in axis.parts if part.role is Role.BATCH and part.sure]
    batches = [view for view, role in fact.others if role is Role.BATCH]
    if fact.role is not Role.TIME or not samples or samples[0].size == 1:
        return
    if len(batches) != 1 or batches[0].size == 1 or any(map(_of_samples, _parts(batches[0]))):
        return
    yield finding(
        fact,
        slug,
        Severity.WARNING,
        f"{fact.operation} reads axis {fact.position} of {fact.operand.text or fact.argument} as "
        f"time, but it is {named(axis)}: samples, with {axis.size // samples[0].size} entries each",
        expected=fact.contract,
        actual=shape(fact.operand),
        cause=f"axis {fact.position} holds the batch: {because(samples[0], fact.place)}",
        remedy=fact.remedy or f"{fact.operand.text or 'x'}.transpose(0, 1)",
    )


def _parts(axis: AxisView) -> tuple[AxisView, ...]:
    return axis.parts or (axis,)


def _of_samples(axis: AxisView) -> bool:
    return axis.role is Role.BATCH
