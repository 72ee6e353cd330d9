"""Masks of padding: whether they are true where the tokens stand or where the padding stands."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from shapecheck.core.axis import Role
from shapecheck.core.facts import Masked, Witness
from shapecheck.core.site import Place
from shapecheck.runtime.flow.axes import Axes
from shapecheck.runtime.flow.call import Call
from shapecheck.runtime.flow.marks import NONE, Told

_EQUAL = frozenset(("eq", "__eq__"))
_UNEQUAL = frozenset(("ne", "__ne__", "not_equal"))
INVERTING = frozenset(("__invert__", "logical_not", "bitwise_not"))
_INTEGERS = (torch.int64, torch.int32, torch.int16, torch.uint8)
_FAR_BELOW = -100.0


def compared(call: Call, operand: Tensor, result: Axes) -> None:
    """Integers compared with a number: token ids with that of padding, or a mask with 0 or 1."""
    number = call.get(1, "other")
    if call.name not in _EQUAL | _UNEQUAL or operand.dim() < 2 or type(number) not in (int, bool):
        return
    source, equal = call.track(operand), call.name in _EQUAL
    told = source.marks.told
    if told is not None:  # a mask again: == 0 turns it round
        tokens = told.tokens if equal is bool(number) else not told.tokens
        result.marks = replace(NONE, told=replace(told, tokens=tokens))
    elif operand.dtype in _INTEGERS and operand.numel() and _most(operand) > 1:
        result.marks = replace(NONE, told=Told(not equal, source.root, call.place))


def measured(call: Call, left: Axes, right: Axes, result: Axes) -> None:
    """Positions compared with lengths: `arange(T) < lengths` is true where the tokens stand.

    A difference may count from the other end (padding on the left), so it tells nothing.
    """
    counted = [axes.root.made_by == "arange" for axes in (left, right)]
    lengths = right if counted[0] else left
    if sum(counted) != 1 or len(result.items) != 2 or "sub" in lengths.root.made_by:
        return
    less = call.name in ("lt", "__lt__", "less")
    _of_samples(call, lengths, 1 if counted[0] else 0)
    result.marks = replace(NONE, told=Told(less is counted[0], None, call.place))


_STRICT = (("lt", "__lt__", "less", "ge", "__ge__"), ("gt", "__gt__", "greater", "le", "__le__"))
_LENGTHS = re.compile(r"len(?:gth)?s?\b", re.IGNORECASE)


def _of_samples(call: Call, lengths: Axes, at: int) -> None:
    """`arange(T) < lengths[:, None]`: there is one length for each sample.

    Not for what is compared by `<=`, positions of queries, nor for spans of heads. A weak witness:
    the sentences of a document have lengths, too.
    """
    text = call.operand_text(at)
    axis = lengths.items[0] if len(lengths.items) == 2 and lengths.shape[1] == 1 else None
    if axis is None or axis.single is None or call.name not in _STRICT[1 - at]:
        return
    if axis.size > 1 and _LENGTHS.search(text) and "head" not in text.lower():
        said = f"{text} holds a length for each"
        axis.single.witness(Witness(Role.BATCH, call.place, said, "name", weak=True))


def _most(numbers: Tensor) -> int:
    try:
        return int(numbers.max())
    except RuntimeError:  # inside vmap or on the meta device there are no numbers
        return 0


def turned(source: Axes, result: Axes) -> None:
    """A mask was inverted."""
    told = source.marks.told
    if told is not None:
        result.marks = replace(NONE, told=replace(told, tokens=not told.tokens))


def embedded(call: Call, index: Axes) -> None:
    """These numbers were looked up in a table: they are tokens."""
    for axes in (index, index.root):
        axes.marks = replace(axes.marks, embedded=True)


def hidden(call: Call, result: Axes) -> None:
    """Scores were filled with something far below zero where the tokens stand."""
    value, mask = call.get(2, "value"), call.get(1, "mask")
    if call.name != "masked_fill" or not isinstance(mask, Tensor):
        return
    told = call.track(mask).marks.told
    if isinstance(value, (int, float)) and value <= _FAR_BELOW and told and told.tokens:
        result.marks = replace(result.marks, inverted=told)


def filled(scores: Axes) -> Place | None:
    """Where the mask of such scores was made; only where the numbers were tokens for sure."""
    told = scores.marks.inverted
    known = told is not None and told.ids is not None and told.ids.marks.embedded
    return told.place if told is not None and known else None


def given(call: Call, mask: Any, argument: str) -> None:
    """A layer that ignores what is true was given a mask that is true where tokens stand."""
    if not isinstance(mask, Tensor):
        return
    told = call.track(mask).marks.told
    if told is not None and told.tokens:
        operand = call.described(call.track(mask), call.argument_text(argument))
        call.emit(Masked(call.place, call.name, operand, operand, inverted=told.place))
