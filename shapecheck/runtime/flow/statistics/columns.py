"""Quantities of unlike size side by side, as data has them, and statistics across them."""

from __future__ import annotations

import ast
from contextlib import suppress
from dataclasses import replace
from itertools import combinations

import torch
from torch import Tensor

from shapecheck.core.standards import RowsStandardised
from shapecheck.runtime.flow.axes import Axes
from shapecheck.runtime.flow.call import Call
from shapecheck.runtime.flow.marks import Columns, Standard

_MOST_ELEMENTS = 1_000_000
_MOST_COLUMNS = 64
_FEW_COLUMNS = 16
_UNLIKE = 10.0  # metres and rooms, years and shares


def laid(call: Call, tensors: list[Tensor], made: Axes, at: int) -> Axes:
    """Mark a table whose columns are vectors that have nothing to do with one another."""
    if len(made.items) != 2 or not 1 < len(tensors) == made.shape[at] <= _MOST_COLUMNS:
        return made
    axis, size = made.items[at].single, made.shape[0] * made.shape[1]
    if axis is None or size > _MOST_ELEMENTS or not _apart(call, tensors):
        return made
    if call.tracker.guarded(_unlike, tensors):
        made.marks = replace(made.marks, columns=Columns(axis, call.place))
    return made


def _apart(call: Call, tensors: list[Tensor]) -> bool:
    """True for tensors of which no two came by a common line, or from one tensor."""
    records = [call.track(tensor) for tensor in tensors]
    lines = [call.tracker.lineage.of(axes) for axes in records]
    pairs = combinations(range(len(tensors)), 2)
    return all(records[i].root is not records[j].root and not lines[i] & lines[j] for i, j in pairs)


def _unlike(tensors: list[Tensor]) -> bool:
    """True where the typical number of one is many times that of another."""
    with suppress(RuntimeError):  # inside vmap or on the meta device values cannot be read
        if any(t.requires_grad or t.is_complex() or t.dtype is torch.bool for t in tensors):
            return False
        typical = [float(t.detach().double().abs().median()) for t in tensors]
        return max(typical) > _UNLIKE * min(typical) > 0
    return False


def taken(call: Call, source: Axes, picked: list[tuple[int, int | None]]) -> None:
    """Mark a table of which a line takes one column by its number: `x[:, 2] > 100`."""
    node = call.expression
    if len(source.items) != 2 or [at for at, _ in picked] != [1]:
        return
    brackets = node.slice if isinstance(node, ast.Subscript) else None
    written = brackets.elts if isinstance(brackets, ast.Tuple) else []
    if len(written) == 2 and isinstance(written[1], ast.Constant):
        root = source.root
        root.marks = replace(root.marks, quantities=source.items[1].single)


def unlike(call: Call, source: Axes, over: frozenset[int]) -> bool:
    """True where a mean was taken over a few columns, and their numbers are of unlike size."""
    values = call.get(0, "input")
    if over != {1} or len(source.shape) != 2 or not isinstance(values, Tensor):
        return False
    rows, count = source.shape
    if not 1 < count <= _FEW_COLUMNS or count >= rows or rows * count > _MOST_ELEMENTS:
        return False
    return bool(call.tracker.guarded(lambda: _unlike(list(values.unbind(1)))))


def standardised(call: Call, done: Standard, whole: Axes) -> None:
    """Record that such a table was centred and scaled across its columns, row by row.

    Not where they lie as rows: samples that were stacked are standardised over them.
    """
    marks, centre, scale = done.of.marks, done.centre, done.scale
    if centre is None or scale is None or centre.over != {1} or scale.over != {1}:
        return
    axes = [axis.single for axis in centre.gone]
    stacked = marks.columns if marks.columns and axes == [marks.columns.axis] else None
    picked = centre.unlike and axes == [marks.quantities] and None not in axes
    if (stacked or picked) and len(whole.items) == 2 and whole.shape[0] > whole.shape[1]:
        operand = call.described(whole, call.operand_text(0))
        place = stacked.place if stacked else None
        call.emit(RowsStandardised(call.place, call.name, operand, 1, whole.shape[1], place))
