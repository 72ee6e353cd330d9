"""Entries that were taken at random: they are samples, and their order says nothing."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import Parameter

from shapecheck.core.axis import Role
from shapecheck.core.facts import Witness
from shapecheck.runtime.flow.axes import SEVERAL, Axes
from shapecheck.runtime.flow.call import Call

_AT_RANDOM = frozenset(("randperm", "randint"))
_IN_ORDER = frozenset(("sort", "argsort", "msort", "topk", "searchsorted", "unique", "nonzero"))
_MASKS = (torch.bool, torch.uint8)
_OF_SAMPLES = 3  # axes from which on rows that are taken at random are no nodes and no points


def taken(call: Call, source: Axes, elements: list[Any]) -> None:
    """Note that an index takes entries along the first axis at random, or puts them in an order.

    Rows of what is learnt are looked up: they are no samples.
    """
    index = elements[0] if elements else None
    if not isinstance(index, Tensor) or index.dim() != 1 or index.dtype in _MASKS or len(index) < 2:
        return
    axis, by = source.items[0].single if source.items else None, call.track(index).root
    if axis is None or len(source.items) < 2 or isinstance(call.args[0], Parameter):
        return
    if by.made_by in _IN_ORDER:
        axis.arranged = True
    elif by.made_by in _AT_RANDOM:
        if by.made_by == "randperm":
            axis.shuffled = axis.shuffled or call.place
        own = by.items[0].single if by.items else None
        if own is not None and own is not axis:
            own.shuffled = own.shuffled or call.place
        if len(source.items) >= _OF_SAMPLES and not axis.declared and not axis.shared:
            text = call.operand_text(0) or "it"
            said = f"`{text}[{call.operand_text(1) or 'index'}]` takes entries of {text} at random"
            axis.witness(Witness(Role.BATCH, call.place, said))


def of_rows(call: Call, source: Axes, elements: list[Any], result: Axes) -> None:
    """Note of which axes, merged to one, an index took entries: `obs.flatten(0, 1)[idx]`."""
    index = elements[0] if elements else None
    if len(elements) != 1 or not isinstance(index, Tensor) or not source.items or not result.items:
        return
    made, parts = result.items[0].single, source.items[0].parts
    if made is not None and len(parts) > 1 and made.origin == SEVERAL and index.dim() == 1:
        made.rows = (parts, call.track(index).root)
