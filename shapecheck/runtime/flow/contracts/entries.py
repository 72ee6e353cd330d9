"""Entries of a recurrent state, cut from it and given to another layer to begin with."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from torch import nn

from shapecheck.core.rows import EntriesOfState
from shapecheck.runtime.flow.axes import Axes
from shapecheck.runtime.flow.call import Call
from shapecheck.runtime.flow.marks import Entries


def cut(call: Call, source: Axes, elements: list[Any], result: Axes) -> Axes:
    """What a slice of layers and directions holds."""
    first = source.items[0] if source.items else None
    stack = first.single.stack if first is not None and first.single is not None else None
    if stack is not None and first is not None and elements and isinstance(elements[0], slice):
        kept = tuple(range(*elements[0].indices(first.size)))
        whole = first.size == stack.layers * stack.directions  # not a slice of a slice
        if whole and len(kept) < first.size:
            found = Entries(stack, kept, call.place, call.operand_text(0))
            result.marks = replace(result.marks, entries=found)
    return result


def begun(call: Call, module: nn.RNNBase, slot: str, state: Axes) -> None:
    """The layers of one direction were given what layers of two directions left, as it stands.

    A layer and its two directions stand side by side: the first n entries are no n layers.
    """
    found = state.marks.entries
    if found is None or module.bidirectional or found.stack.directions == 1:
        return
    consecutive = len(found.entries) > 1 and found.entries[1] - found.entries[0] == 1
    if consecutive and found.stack.layers > 1 and module.num_layers == len(found.entries):
        operand, stack = call.described(state, call.argument_text(slot)), found.stack
        call.emit(
            EntriesOfState(
                call.place, f"nn.{type(module).__name__}", slot, operand, found.entries,
                stack.layers, stack.directions, module.num_layers, found.place, found.text,
            )
        )  # fmt: skip
