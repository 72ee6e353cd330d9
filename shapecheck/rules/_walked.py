"""What a recurrent layer walks along, and what it takes side by side: told by streams and words."""

from __future__ import annotations

from shapecheck.core.axis import Role
from shapecheck.core.facts import AxisReading, AxisView, Witness
from shapecheck.core.finding import Finding, Severity
from shapecheck.rules._axes import finding, shape

_SIDE_BY_SIDE = frozenset(("count", "streams", "n_streams", "num_streams", "lanes", "texts"))
_PIECES = frozenset(("frame", "frames", "window", "windows", "patch", "chunk", "segment", "block"))


def stream_across(fact: AxisReading, axis: AxisView) -> bool:
    """One stream cut into rows and columns: what follows one another must stand along time.

    Not where nobody calls the columns a batch, and they have another name (`hours`), or the stream
    was made as a table (`randn(days * 24)`): then each hour of the day may be a series over days.
    """
    if axis.half is None or axis.half[1] != 0 or _PIECES.intersection(axis.names):
        return False
    columns = [view for view, role in fact.others if role is Role.BATCH]
    if len(columns) != 1 or columns[0].half != (axis.half[0], 1):
        return False
    if columns[0].role is not None:
        return columns[0].role is Role.BATCH
    named = [name for name in columns[0].names if name.lower() not in _SIDE_BY_SIDE]
    return not named and columns[0].origin != "split of a product"


def across(fact: AxisReading, axis: AxisView, slug: str) -> Finding:
    """The finding for a stream whose consecutive values lie side by side."""
    return finding(
        fact,
        slug,
        Severity.WARNING,
        f"{fact.operation} reads axis {fact.position} of {fact.operand.text or fact.argument} as "
        "time, but consecutive values of the stream lie along its batch axis",
        expected="the stream viewed as (batch, steps), then transposed",
        actual=shape(fact.operand),
        cause="a view fills rows first: consecutive values run along its last axis",
        remedy=f"cut the stream by .view({_columns(fact)}, -1).t()",
    )


def _columns(fact: AxisReading) -> str:
    names = (name for view, role in fact.others if role is Role.BATCH for name in view.names)
    return next(names, "batch")


_SIDE = ("nn.LSTM", "nn.GRU", "nn.RNN")


def steps_side_by_side(fact: AxisReading, axis: AxisView) -> bool:
    """A recurrent layer or cell that takes what a word calls time for samples.

    A layer walks along another axis then: one that has a name too, and not that of a time. A cell
    has no other axis to walk along.
    """
    if not fact.operation.startswith(_SIDE) or fact.role is not Role.BATCH:
        return False
    if axis.role is not Role.TIME or not any(_worded(w) for w in axis.witnesses):
        return False
    walked = [view for view, role in fact.others if role is Role.TIME]
    named_otherwise = [v for v in walked if v.role is None and (v.word or len(v.label) > 1)]
    return fact.operation.endswith("Cell") or bool(named_otherwise)


def _worded(witness: Witness) -> bool:
    """A word says so; a letter alone may mean anything."""
    return witness.kind in ("comment", "unit") or len(witness.text.split()[-1]) > 1
