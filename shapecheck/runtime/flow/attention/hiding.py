"""What a triangular mask of attention hides: the future, or the past."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from shapecheck.core.facts import Masked
from shapecheck.runtime.flow.attention import padding
from shapecheck.runtime.flow.axes import Axes
from shapecheck.runtime.flow.call import Call
from shapecheck.runtime.flow.marks import NONE, Marks, Told

_FAR_BELOW = -100.0
_MOST = 4096
_BACKWARDS = re.compile(r"backward|bwd|revers|anti|right_to_left|rtl|future", re.IGNORECASE)
_SCALES = frozenset(("mul", "multiply", "__mul__", "__rmul__", "__imul__"))
_BOTH = frozenset(("__and__", "__rand__", "__iand__", "logical_and", "bitwise_and")) | _SCALES
_EITHER = frozenset(("__or__", "__ror__", "__ior__", "logical_or", "bitwise_or"))
_ADDS = frozenset(("add", "__add__", "__radd__", "__iadd__"))


def filled(call: Call, operands: list[Tensor], result: Axes) -> None:
    """Scores were masked: by a fill, a choice or a sum with what is far below zero."""
    with suppress(RuntimeError):  # inside vmap or on the meta device a mask cannot be read
        _filled(call, operands, result)


def _filled(call: Call, operands: list[Tensor], result: Axes) -> None:
    rows = _along_queries(call, operands)
    if rows is not None:
        result.marks = replace(result.marks, rows=rows)
    hidden = _hidden(call, operands)
    if hidden is not None and hides_past(hidden) and not _said(call):
        result.marks = replace(result.marks, hides=call.place)
    if call.name in _ADDS | _SCALES and len(operands) == 2 and any(map(_triangle, operands)):
        result.marks = replace(result.marks, faint=call.place)


def _along_queries(call: Call, operands: list[Tensor]) -> Told | None:
    """A mask of padding that differs from query to query alone, together with a causal one.

    Of a mask, or of the scores that it fills. Whole rows are filled with one finite value, which a
    softmax makes uniform; minus infinity is for whoever puts zeros there later.
    """
    if call.name == "masked_fill":
        value, mask = call.get(2, "value"), call.get(1, "mask")
        far = isinstance(value, (int, float)) and float("-inf") < value <= _FAR_BELOW
        before = call.axes(operands[0])
        if not far or not isinstance(mask, Tensor) or not before or before[-1].masked:
            return None
        rows = call.track(mask).marks.rows
        return rows if rows and rows.ids and rows.ids.marks.embedded else None
    if len(operands) != 2 or call.name not in _BOTH | _EITHER:
        return None
    for one, other in (operands, operands[::-1]):
        told = call.track(one).marks.told
        column = one.dim() > 2 and one.shape[-1] == 1 < one.shape[-2] == other.shape[-1]
        if told and column and told.tokens is (call.name in _BOTH) and _triangle(other):
            return told
    return None


def _hidden(call: Call, operands: list[Tensor]) -> Tensor | None:
    """Where the mask hides, as a matrix of truths; None where there is no such mask."""
    if call.name == "masked_fill":
        value, mask = call.get(2, "value"), call.get(1, "mask")
        far = isinstance(value, (int, float)) and value <= _FAR_BELOW
        return mask if far and isinstance(mask, Tensor) else None
    if call.name == "where" and len(call.args) == 3:
        mask, _, other = call.args
        if isinstance(other, Tensor):
            other = other.item() if other.dim() == 0 else None
        below = isinstance(other, (int, float)) and other <= _FAR_BELOW
        return ~mask if below and isinstance(mask, Tensor) and mask.dtype is torch.bool else None
    if call.name in _ADDS and len(operands) == 2:
        return next((m for t in operands if (m := _far_below(t)) is not None), None)
    return None


def _triangle(mask: Tensor) -> bool:
    """True for ones and zeros in a triangle."""
    if mask.requires_grad or not _square(mask) or mask.is_complex():
        return False
    matrix = mask.reshape(mask.shape[-2:])
    ones = matrix == 1
    upper, lower = bool(ones.triu(1).any()), bool(ones.tril(-1).any())
    if upper == lower or not bool(((matrix == 0) | ones).all()):
        return False
    half = torch.ones_like(ones).triu(1) if upper else torch.ones_like(ones).tril(-1)
    return bool(ones[half].all())


def _far_below(mask: Tensor) -> Tensor | None:
    if not _square(mask) or mask.requires_grad or not mask.is_floating_point():
        return None
    return mask <= _FAR_BELOW


def _square(mask: Tensor) -> bool:
    if not 2 <= mask.dim() <= 4 or mask.shape[-1] != mask.shape[-2]:
        return False
    return 3 <= mask.shape[-1] <= _MOST and mask.numel() == mask.shape[-1] ** 2


def hides_past(hidden: Tensor) -> bool:
    """True where every query is denied what stands before it, and nothing that stands after it."""
    if hidden.dtype is not torch.bool or not _square(hidden):
        return False
    matrix = hidden.reshape(hidden.shape[-2:])
    below = torch.ones_like(matrix).tril(-1)
    return bool(matrix[below].all()) and not bool(matrix[below.t()].any())


def attends(call: Call, scores: Axes, at: int) -> Marks:
    """A softmax over the last axis of scores that were masked so."""
    hides, faint, inverted = scores.marks.hides, scores.marks.faint, padding.filled(scores)
    rows = scores.marks.rows
    if at != len(scores.items) - 1 or not (hides or faint or inverted or rows):
        return NONE
    operand = call.described(scores, call.operand_text(0))
    found = Masked(call.place, call.name, operand, operand, hides=hides)
    if hides is None and rows is not None:
        found = replace(found, rows=rows.place)
    elif hides is None:
        found = replace(found, faint=faint, inverted=None if faint else inverted)
    return replace(NONE, attending=found)


def weighs(call: Call, weights: Axes) -> None:
    """Values are added up with these weights, so it is attention: a table of pairs (spans that end
    before they begin, ranks that are taken already) is masked in the same way and only read."""
    if weights.marks.attending is not None and weights.items[-1].normalised:
        call.emit(weights.marks.attending)


def given(call: Call, mask: Any, scores: Tensor, *, true_hides: bool) -> None:
    """A layer or function of attention was given a mask."""
    if isinstance(mask, Tensor) and _square(mask):
        with suppress(RuntimeError):  # as above
            _given(call, mask, scores, true_hides=true_hides)


def _given(call: Call, mask: Tensor, scores: Tensor, *, true_hides: bool) -> None:
    if mask.dtype is torch.bool:
        hidden = mask if true_hides else ~mask
    elif mask.is_floating_point() and not mask.requires_grad:
        hidden = mask <= _FAR_BELOW
    else:
        return
    if mask.is_floating_point() and _triangle(mask):
        operand = call.operand(scores)
        call.emit(Masked(call.place, call.name, operand, call.operand(mask), faint=call.place))
    if hides_past(hidden) and not _said(call):
        operand = call.operand(scores)
        call.emit(Masked(call.place, call.name, operand, call.operand(mask), hides=call.place))


def _said(call: Call) -> bool:
    """True where the code says that it goes backwards."""
    names = [frame.f_code.co_qualname for frame in call.frames]
    node, source = call.expression, call.source
    line = source.lines[node.lineno - 1] if source and node and hasattr(node, "lineno") else ""
    return any(_BACKWARDS.search(text) for text in (*names, line))


def from_first_key(call: Call, query: Any, key: Any) -> None:
    """A causal mask lets query i see the keys 0 to i, counted from the first key (torch doc of
    scaled_dot_product_attention). Queries that follow the keys they are joined with, as with a
    cache, come last: the last of the pieces that were joined is theirs. Where it is the first, keys
    were filled up behind them, and no query is to see these."""
    if not (isinstance(query, Tensor) and isinstance(key, Tensor)):
        return
    queries, keys = query.shape[-2], key.shape[-2]
    joined = call.track(key).root
    pieces = joined.marks.pieces
    if queries < keys and pieces and pieces[-1] == queries != pieces[0]:
        described = call.described(joined, call.argument_text("key"))
        operand = call.described(call.track(query), call.argument_text("query"))
        call.emit(Masked(call.place, call.name, operand, described, unseen=queries))
