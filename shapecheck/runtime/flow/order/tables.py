"""Tables of all pairs that an index makes: `scores[:, labels]` in place of one entry a sample."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from shapecheck.core.sums import PairsMade
from shapecheck.runtime.flow.axes import Axes
from shapecheck.runtime.flow.call import Call
from shapecheck.runtime.flow.marks import Pairs


def indexed(call: Call, source: Axes, elements: list[Any], result: Axes) -> None:
    """Remember a table: an axis that stayed, by an index that runs along the same axis."""
    chosen = [e for e in elements if isinstance(e, Tensor) and e.dim() == 1]
    others = [e for e in elements if e is not chosen[0]] if chosen else []
    if len(chosen) != 1 or not all(isinstance(e, slice) and e == slice(None) for e in others):
        return
    if chosen[0].dtype in (torch.bool, torch.uint8) or len(elements) > len(source.items):
        return
    index = call.track(chosen[0]).root
    result.marks = replace(result.marks, index=index)
    if source.marks.index is index:
        return  # rows and columns of one table: a part of it
    along = call.axes(chosen[0])[0]
    at = next(i for i, e in enumerate(elements) if e is chosen[0])
    kept = [axis.single for i, axis in enumerate(source.items) if i != at]
    if along.single is None or along.size < 2 or along.single.shared:
        return
    rows = [axis.size for i, axis in enumerate(source.items) if i != at]
    if rows == [along.size] and along.size > source.items[at].size and along.single not in kept:
        text = call.operand_text(0)
        result.marks = replace(result.marks, pairs=Pairs(None, call.place, text, index))
    if along.single in kept and source.items[at].single is not along.single:
        text = call.operand_text(0)
        result.marks = replace(result.marks, pairs=Pairs(along.single, call.place, text, index))


def used(call: Call, left: Axes, right: Axes) -> None:
    """A table meets one number a sample: these were meant to be one entry a sample as well."""
    for table, vector in ((left, right), (right, left)):
        pairs = table.marks.pairs
        if pairs is None or len(vector.items) != 1:
            continue
        if pairs.axis not in (None, vector.items[0].single) or vector.shape[0] != table.shape[0]:
            continue
        if vector.marks.index is not None and vector.marks.index is pairs.index:
            continue  # one number for each column, picked as the columns were
        _emit(call, pairs, table)


def averaged(call: Call, table: Axes, dims: set[int]) -> None:
    """All pairs go into one number."""
    pairs = table.marks.pairs
    if pairs is not None and call.name in ("mean", "sum") and len(dims) == len(table.items):
        _emit(call, pairs, table)


def told_as_table(call: Call, table: Axes) -> None:
    """Who takes its diagonal knows that there is a table of all pairs."""
    if table.marks.pairs is not None:
        call.withdraw(PairsMade, table.marks.pairs.place)


def _emit(call: Call, pairs: Pairs, table: Axes) -> None:
    call.emit(PairsMade(call.place, call.name, call.described(table), pairs.text, pairs.place))
