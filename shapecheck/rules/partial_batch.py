"""The last batch of a loader is smaller than the code counts on."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.axis import Role
from shapecheck.core.facts import AxisView, Operand, Raised
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.rules._axes import featured, finding, line, shape


def check(fact: Raised) -> Iterator[Finding]:
    """Fires where an operation failed that has the size of the smaller and of the full batch."""
    if fact.partial is None or fact.nominal is None:
        return
    small = _with(fact.operands, fact.partial)
    full = _with(fact.operands, fact.nominal)
    if small is None or (full is None and fact.nominal not in fact.literals):
        return
    actual = shape(small) + (f" with {shape(full)}" if full is not None else "")
    yield finding(
        fact,
        RULE.slug,
        Severity.ERROR,
        f"{fact.operation} fails at the last batch of the loader: it has {fact.partial} samples "
        f"instead of {fact.nominal}",
        expected=f"the size of the batch at hand, {fact.partial}",
        actual=actual,
        cause=f"the DataLoader ({line(fact.loader_at, fact.place)}) keeps its last, smaller batch, "
        f"and something here was made for {fact.nominal}",
        remedy="take the size from the batch (x.size(0)), or pass drop_last=True to the loader",
        notes=(fact.message,),
    )


def _with(operands: tuple[Operand, ...], size: int) -> Operand | None:
    """An operand with an axis of this size that may be the batch: no features, no weight's axis."""
    for operand in operands:
        axes = operand.axes or tuple(AxisView(size) for size in operand.shape)
        if any(axis.size == size and _may_be_batch(axis) for axis in axes):
            return operand
    return None


def _may_be_batch(axis: AxisView) -> bool:
    return bool(axis.parts) or (axis.role in (None, Role.BATCH) and not featured(axis))


RULE = Rule(
    "partial-batch",
    Severity.ERROR,
    "The last batch of a loader is smaller than the code counts on.",
    Raised,
    check,
)
