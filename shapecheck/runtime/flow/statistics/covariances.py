"""Covariances by hand: what was centred over one axis, multiplied with itself over another."""

from __future__ import annotations

import re
from dataclasses import replace
from math import isclose

from shapecheck.core.standards import CovarianceApart
from shapecheck.runtime.flow.axes import Axes, view_of
from shapecheck.runtime.flow.call import Call
from shapecheck.runtime.flow.marks import Scatter
from shapecheck.runtime.flow.wording.reading import text_of

_WAYS = frozenset(("div", "divide", "true_divide", "__truediv__", "__itruediv__"))
_PRODUCTS = frozenset(("mul", "multiply", "__mul__", "__rmul__", "__imul__"))
_WORD = re.compile(r"cov(?![a-z]*er)|coral", re.IGNORECASE)


def multiplied(call: Call, left: Axes, right: Axes, at: int, to: int, result: Axes) -> None:
    """Mark the product of a centred matrix with itself, summed over an axis it is not centred over.

    Not where it was scaled too: activations that were normalised sample by sample have a
    covariance over the samples, or a Gram matrix.
    """
    own, other = left.marks.standard, right.marks.standard
    if own is None or other is None or own.of is not other.of or own.scale or other.scale:
        return
    if left.root is not right.root or own.centre is None or len(own.of.items) != 2:
        return
    summed, kept = left.items[at], left.items[-1 - at]  # of a matrix
    if summed.single is None or right.items[to].single is not summed.single:
        return
    over = [axis.single for axis in own.centre.gone]
    if over == [kept.single] and kept.single is not None and kept.size > 1:
        operand = call.described(left, call.operand_text(0))
        result.marks = replace(result.marks, scatter=Scatter(operand, own.centre, summed, kept))


def divided(call: Call, source: Axes) -> None:
    """Record a covariance: what was summed is divided by the count, less one, or is called so."""
    found = source.marks.scatter
    number = next((value for value in call.args if isinstance(value, (int, float))), None)
    if found is None or not number:
        return
    count = number if call.name in _WAYS else 1 / number if call.name in _PRODUCTS else 0
    if isclose(count, found.summed.size - 1, rel_tol=1e-4) or (
        isclose(count, found.summed.size, rel_tol=1e-4) and _called_so(call)
    ):
        axes, over = (view_of(found.kept), view_of(found.summed)), min(found.centre.over)
        by, place = found.centre.by, found.centre.place
        call.emit(CovarianceApart(call.place, call.name, found.operand, by, over, axes, place))


def _called_so(call: Call) -> bool:
    """True in a function called `covariance`, or where what comes out is called so."""
    name = call.frames[0].f_code.co_name if call.frames else ""
    source, node = call.source, call.expression
    statement = source.statement(node) if source is not None and node is not None else None
    targets = getattr(statement, "targets", ())
    return any(_WORD.search(text) for text in (name, *(text_of(target) for target in targets)))
