"""A tensor that meets its own sums along the other of two axes of one size: values tell.

No shape tells rows from columns where both have one size. Where a tensor is divided by its own
sums, or is less its own means, and these have lost the axis that they were taken over, broadcasting
lays them along the last axis: each row then meets what was taken of other rows.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from contextlib import suppress

from torch import Tensor

from shapecheck.core.laid import LaidAcross
from shapecheck.runtime.flow.axes import Axes
from shapecheck.runtime.flow.call import Call
from shapecheck.runtime.flow.statistics.shares import shared_out
from shapecheck.runtime.flow.wording.reading import text_of

_Statistic = Callable[[Tensor, int], Tensor]
_Found = tuple[int, int, bool]
_MOST_ELEMENTS = 1_000_000
_QUOTIENTS = frozenset(("div", "divide", "true_divide", "__truediv__", "__itruediv__", "__div__"))
_DIFFERENCES = frozenset(("sub", "subtract", "__sub__", "__isub__"))
_SUM: tuple[str, _Statistic] = ("sums", lambda x, d: x.sum(d))
_MEAN: tuple[str, _Statistic] = ("means", lambda x, d: x.mean(d))
_LARGEST: tuple[str, _Statistic] = ("largest values", lambda x, d: x.amax(d))
_NORM: tuple[str, _Statistic] = ("norms", lambda x, d: x.norm(dim=d))
_DIVISORS: dict[str, tuple[str, _Statistic]] = {
    "sum": _SUM,
    "mean": _MEAN,
    "max": _LARGEST,
    "amax": _LARGEST,
    "norm": _NORM,
    "vector_norm": _NORM,
    "std": ("deviations", lambda x, d: x.std(d)),
}
_TAKEN_OFF: dict[str, tuple[str, _Statistic]] = {
    "mean": _MEAN,
    "max": _LARGEST,
    "amax": _LARGEST,
    "min": ("smallest values", lambda x, d: x.amin(d)),
    "amin": ("smallest values", lambda x, d: x.amin(d)),
    "logsumexp": ("logarithms of sums", lambda x, d: x.logsumexp(d)),
}


def across(call: Call, left: tuple[Axes, Tensor], right: tuple[Axes, Tensor], made: Axes) -> None:
    """Record that the right operand, a statistic of the left one, lies along the wrong axis.

    Of a symmetric matrix it lies along either; `made` is then marked, to see what it is used for.
    """
    (whole, values), (part, statistic) = left, right
    if not told_by_values(call, whole, part) or _both_ways(call):
        return
    name, of = _statistics(call)[_of(whole, part)]
    found = call.tracker.guarded(_laid, call, values, statistic, of)
    if found is not None:
        over, along, symmetric = found
        operand = call.described(whole, call.operand_text(0))
        divisor = call.described(part, call.operand_text(1))
        fact = LaidAcross(call.place, call.name, operand, divisor, name, over, along)
        if not symmetric:
            call.emit(fact)
        elif call.name in _QUOTIENTS:
            shared_out(call, fact, part, made)


def told_by_values(call: Call, whole: Axes, part: Axes) -> bool:
    """True where an operand meets a statistic of its own that lacks one axis, and was not given
    it (`[None, :]`, `unsqueeze`): its values tell whether it lies where it belongs."""
    statistic = _of(whole, part)
    elements = 1
    for size in whole.shape:
        elements *= size
    small = 0 < len(part.items) == len(whole.items) - 1 and elements <= _MOST_ELEMENTS
    asked = any(axis.grown for axis in part.items)
    return small and not asked and statistic in _statistics(call)


def _statistics(call: Call) -> dict[str, tuple[str, _Statistic]]:
    if call.name in _QUOTIENTS:
        return _DIVISORS
    return _TAKEN_OFF if call.name in _DIFFERENCES else {}


def _of(whole: Axes, part: Axes) -> str:
    """The operation by which a part was made of the whole, or empty."""
    if part.reduced is not None and part.reduced.root is whole.root:
        return part.reduced_by
    summed = part.marks.summed
    return summed.by if summed is not None and summed.source.root is whole.root else ""


def _both_ways(call: Call) -> bool:
    """True where the same statistic goes along the other axis as well: `a / d / d[:, None]`."""
    node, source = call.expression, call.source
    above = source.parent(node) if source is not None and node is not None else None
    text = call.operand_text(1)
    if not isinstance(above, ast.BinOp) or above.left is not node or not text:
        return False
    return re.search(rf"(?<!\w){re.escape(text)}", text_of(above.right)) is not None


def _laid(call: Call, whole: Tensor, part: Tensor, of: _Statistic) -> _Found | None:
    """The axis that the part is a statistic over, the one it lies along in its stead, and whether
    it is a statistic of that one as well."""
    with suppress(RuntimeError):  # inside vmap or on the meta device values cannot be read
        if whole.is_complex() or part.is_complex():
            return None
        if call.result is whole:  # by now the whole holds the result
            whole = whole * part if call.name in _QUOTIENTS else whole + part
        return _crossed(whole.detach().double(), part.detach().double(), of)
    return None


def _crossed(whole: Tensor, part: Tensor, of: _Statistic) -> _Found | None:
    right = [d for d in range(whole.dim()) if _equal(of(whole, d), part) and _lies(part, d)]
    if right and (right != [0] or whole.dim() != 2):
        return None
    for over in range(1, whole.dim()):
        if _equal(of(whole, over), part) and _telling(part):
            return over, whole.dim() - 1, bool(right)
    return None


def _lies(part: Tensor, over: int) -> bool:
    """True where what was taken over this axis lies along the others, by broadcasting."""
    return over == 0 or all(size == 1 for size in part.shape[:over])


def _equal(wanted: Tensor, part: Tensor) -> bool:
    if wanted.shape != part.shape:
        return False
    near = (wanted - part).abs() <= 1e-3 * part.abs() + 1e-6
    return bool((near | (wanted == 0)).all())  # what is zero may be clamped from below


def _telling(part: Tensor) -> bool:
    """True for values that differ, so that it matters where they lie."""
    return bool(part.max() - part.min() > 0.01 * part.abs().max())
