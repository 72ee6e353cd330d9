"""Quantities of unlike size side by side, as data has them, and statistics across them."""

from __future__ import annotations

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


def standardised(call: Call, done: Standard, whole: Axes) -> None:
    """Record that such a table was centred and scaled across its columns, row by row.

    Not where they lie as rows: samples that were stacked are standardised over them.
    """
    found, centre, scale = done.of.marks.columns, done.centre, done.scale
    if found is None or centre is None or scale is None or centre.over != scale.over:
        return
    across = [axis.single for axis in centre.gone] == [found.axis] and centre.over == {1}
    if across and len(whole.items) == 2 and whole.shape[0] > whole.shape[1]:
        operand = call.described(whole, call.operand_text(0))
        call.emit(RowsStandardised(call.place, call.name, operand, 1, whole.shape[1], found.place))
