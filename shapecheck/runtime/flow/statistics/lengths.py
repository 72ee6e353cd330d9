"""Vectors divided by one norm for all of them, where others have length one each."""

from __future__ import annotations

from dataclasses import replace

from torch.nn import Parameter

from shapecheck.core.sums import SharedNorm
from shapecheck.runtime.flow.axes import Axes
from shapecheck.runtime.flow.call import Call
from shapecheck.runtime.flow.marks import Marks
from shapecheck.runtime.flow.statistics.normalised import unit

_NORMS = ("norm", "vector_norm", "matrix_norm")


def scaled(call: Call, vectors: Axes, norm: Axes, marks: Marks) -> Marks:
    """The marks of data divided by one norm over all its axes. Weights may be scaled as a whole."""
    one = norm.reduced is not None and norm.reduced_by in _NORMS and not norm.items
    several = sum(axis.size > 1 for axis in vectors.items) > 1
    if not one or not several or isinstance(call.get(0, "input"), Parameter):
        return marks
    if norm.reduced is None or norm.reduced.root is not vectors.root:
        return marks
    fact = SharedNorm(call.place, call.described(vectors, call.operand_text(0)))
    return replace(marks, one_norm=fact)


def compared(call: Call, left: Axes, right: Axes, at: int, to: int) -> None:
    """A product of vectors: those of one side have length one, those of the other have not.

    A product of a tensor with itself says nothing: Gram matrices and iterations that make a matrix
    orthogonal begin with one of norm one.
    """
    for one, other, along in ((left, right, to), (right, left, at)):
        found, own = one.marks.one_norm, unit(other)
        summed = along % len(other.items) if other.items else -1
        rows = sum(axis.size > 1 for axis in one.items) > 1
        if found is not None and own is not None and own[0] == summed and rows:
            call.emit(found)
