"""Scores of vectors: products and distances, which are added up over the entries of the vectors.

A sum over anything else leaves the entries; that shows where these are then taken for scores.
"""

from __future__ import annotations

from dataclasses import replace

from shapecheck.core.sums import FeaturesLeft
from shapecheck.runtime.flow.axes import Axes
from shapecheck.runtime.flow.call import Call
from shapecheck.runtime.flow.marks import NONE, Marks, Scored
from shapecheck.runtime.flow.statistics.normalised import layered

_PRODUCTS = frozenset(("mul", "multiply", "__mul__", "__rmul__"))
_DIFFERENCES = frozenset(("sub", "subtract", "__sub__", "__rsub__"))
_NORMS = frozenset(("norm", "vector_norm"))
_SUMS = frozenset(("sum", "mean", *_NORMS))
_ASKED = ("None", "unsqueeze", "view")
# What makes a probability or a penalty of one score; a sum of all entries does not care.
_LOGISTIC = frozenset(("sigmoid", "logsigmoid", "log_sigmoid", "softplus"))
_HINGES = _LOGISTIC | {"relu", "clamp", "clamp_min", "relu_", "clamp_"}
_NEAREST = frozenset(("argmin", "min", "topk", "exp", "softmax", "argsort"))


def entrywise(call: Call, left: Axes, right: Axes) -> str:
    """What two operands are to each other, where vectors meet entry by entry."""
    if left.root is right.root or len(left.items) != len(right.items):
        return ""
    if call.name in _PRODUCTS and left.shape == right.shape:
        return "product" if _looked_up(left) and _looked_up(right) else ""
    if call.name not in _DIFFERENCES:
        return ""
    if left.shape == right.shape:
        return "distance" if _made(call, left) and _made(call, right) else ""
    return "pairs" if _all_pairs(left, right) else ""


def _looked_up(axes: Axes) -> bool:
    """Rows of a table of vectors, one for each index."""
    return axes.root.made_by == "embedding" and len(axes.items) > 1


def _made(call: Call, axes: Axes) -> bool:
    """Vectors that a layer made, one a sample."""
    return (
        len(axes.items) == 2 and layered(call, axes.items[1]) and not layered(call, axes.items[0])
    )


def _all_pairs(left: Axes, right: Axes) -> bool:
    """(n, 1, d) and (1, k, d), in either order, both laid out so on purpose."""
    if len(left.items) != 3 or left.shape[2] != right.shape[2] or left.shape[2] == 1:
        return False
    grown = [(a.items[i].grown in _ASKED, b.shape[i] > 1) for a, b, i in _sides(left, right)]
    return grown == [(True, True)] * 2


def _sides(left: Axes, right: Axes) -> tuple[tuple[Axes, Axes, int], ...]:
    """Each operand with the other, and the axis at which it is laid out for the other."""
    first = 0 if left.shape[0] == 1 else 1
    return ((left, right, first), (right, left, 1 - first))


def added_up(call: Call, source: Axes, dims: set[int], marks: Marks) -> Marks:
    """A sum, mean or norm over one axis that leaves the entries of the vectors, the last axis."""
    kind, last = source.marks.vectors, len(source.items) - 1
    if not kind or call.name not in _SUMS or len(dims) != 1 or last in dims:
        return marks
    if call.name in _NORMS and kind == "product":
        return marks
    (at,) = dims
    if source.shape[at] == 1 or source.shape[last] == 1 or len(call.shape) == len(source.items):
        return marks
    operand = call.described(source, call.operand_text(0))
    fact = FeaturesLeft(call.place, call.name, operand, at, last, kind)
    by = {"product": _LOGISTIC, "pairs": _NEAREST}.get(kind, frozenset())
    return replace(marks, scored=Scored(fact, by))


def compared(call: Call, left: Axes, right: Axes) -> Marks:
    """One score less another one: whatever bends the difference takes both for scores."""
    one, other = left.marks.scored, right.marks.scored
    if one is None or other is None or call.name not in _DIFFERENCES:
        return NONE
    if not isinstance(one.fact, FeaturesLeft) or not isinstance(other.fact, FeaturesLeft):
        return NONE
    if one.fact.kind != other.fact.kind or one.fact.kind == "pairs":
        return NONE
    return replace(NONE, scored=Scored(one.fact, _HINGES))
