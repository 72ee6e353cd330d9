"""Shares of a symmetric matrix: columns add up to one where a layer takes means over the rows.

`adj / adj.sum(1)` of an undirected graph is right for whoever shares out what a node has among its
neighbours: column by column, as a walk does. Where a layer reads what each node gets, the rows
were meant: every node then is to have the mean of its neighbours.
"""

from __future__ import annotations

import ast
import re
from contextlib import suppress
from dataclasses import replace

from torch import Tensor

from shapecheck.core.laid import LaidAcross
from shapecheck.runtime.flow.axes import Axes
from shapecheck.runtime.flow.call import Call
from shapecheck.runtime.flow.marks import Shares
from shapecheck.runtime.flow.wording.reading import text_of

# Chains that push along rows on purpose: what a state has is shared out among those it leads to.
PUSHES = re.compile(
    r"transition|markov|walk|diffus|rank|flow|transport|spread|scatter|back|push|transpos|revers"
    r"|invers|adjoint|incoming|outgoing|propagat",
    re.IGNORECASE,
)
_SUMS = frozenset(("sum", "mean"))


def shared_out(call: Call, fact: LaidAcross, part: Axes, result: Axes) -> None:
    """Mark a matrix that was divided by the sums of its rows, which lie along its columns.

    Whoever says that it pushes means it.
    """
    summed = part.marks.summed
    rows = summed is not None and summed.by in _SUMS and summed.dims == {1}
    if rows and len(result.items) == 2 and not any(map(PUSHES.search, _said(call))):
        result.marks = replace(result.marks, shares=Shares(fact))


def _said(call: Call) -> tuple[str, ...]:
    source, node = call.source, call.expression
    statement = source.statement(node) if source is not None and node is not None else None
    function = call.frames[0].f_code.co_qualname if call.frames else ""
    if isinstance(statement, (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Return)):
        return function, text_of(statement, 200)
    return function, call.operand_text(0), call.operand_text(1)


def multiplied(call: Call, left: Tensor, right: Tensor, result: Axes) -> None:
    """What each node gets by the shares: told where it was trained, else marked until it is."""
    one, other = call.track(left).marks.shares, call.track(right).marks.shares
    trained = isinstance(call.result, Tensor) and call.result.requires_grad
    if one is not None and not one.passed:
        values = right.dim() > 1 and (trained or right.shape[-1] != right.shape[-2])
        if values and left.dim() == 2 and _columns(call, left):
            _passed(call, one, result, trained=trained)
    elif one is not None:
        _passed(call, one, result, trained=trained)
    elif other is not None and other.passed:
        result.marks = replace(result.marks, shares=other)


def read(call: Call, features: Axes) -> None:
    """A layer reads what the nodes got."""
    found = features.marks.shares
    if found is not None and found.passed:
        _emit(call, found)


def _passed(call: Call, found: Shares, result: Axes, *, trained: bool) -> None:
    if trained:
        _emit(call, found)
    else:
        result.marks = replace(result.marks, shares=replace(found, passed=True))


def _emit(call: Call, found: Shares) -> None:
    call.emit(replace(found.fact, used=call.place))


def _columns(call: Call, matrix: Tensor) -> bool:
    """True where the columns add up to the same number each, and the rows do not."""
    return bool(call.tracker.guarded(_alike, matrix))


def _alike(matrix: Tensor) -> bool:
    with suppress(RuntimeError):  # inside vmap or on the meta device values cannot be read
        values = matrix.detach().double()
        columns, rows = values.sum(0), values.sum(1)
        return _one_number(columns) and not _one_number(rows)
    return False


def _one_number(sums: Tensor) -> bool:
    told = sums[sums != 0]
    if told.numel() < 2:
        return False
    return bool(told.max() - told.min() <= 1e-3 * told.abs().max())
