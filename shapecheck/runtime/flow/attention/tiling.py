"""Masks of attention with an axis of samples times heads: all heads of a sample come first."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from torch import Tensor

from shapecheck.core.rows import MaskTiled
from shapecheck.runtime.flow.axes import Axes, Identity
from shapecheck.runtime.flow.call import Call


def tiled(
    call: Call, argument: str, mask: Any, heads: int, query: Any, *, batch_first: bool
) -> None:
    """Record a mask of three axes that holds one mask a sample, laid out once for each head.

    Its values tell: read as (heads, samples) all heads have the same, read as (samples, heads) they
    have not. Where there are as many samples as heads, masks for each head look the same; then the
    identity of the axes has to tell.
    """
    if not (isinstance(mask, Tensor) and isinstance(query, Tensor)):
        return
    if mask.dim() != 3 or query.dim() != 3:
        return
    at = 0 if batch_first else 1
    batch = query.shape[at]
    if batch < 2 or heads < 2 or mask.shape[0] != batch * heads:
        return
    axes = call.track(mask)
    sure = _within(axes, call.axes(query)[at].single, batch, heads)
    with suppress(RuntimeError):  # inside vmap or on the meta device a mask cannot be read
        if call.tracker.guarded(_outside, mask.detach(), batch, heads, sure):
            operand = call.described(axes, call.argument_text(argument))
            call.emit(MaskTiled(call.place, call.name, argument, operand, batch, heads, sure))


def _within(mask: Axes, samples: Identity | None, batch: int, heads: int) -> bool:
    """True where the axis of the samples stands innermost, and that of heads around it."""
    sizes = [part.size for part in mask.items[0].parts]
    return sizes == [heads, batch] and mask.items[0].parts[1].identity is samples


def _outside(mask: Tensor, batch: int, heads: int, sure: bool) -> bool:
    rest = mask.shape[1:]
    by_head, by_sample = mask.reshape(heads, batch, *rest), mask.reshape(batch, heads, *rest)
    if bool((by_sample == by_sample[:, :1]).all()):
        return False  # right, or one mask for all
    alike = bool((by_head == by_head[:1]).all())
    per_head = bool((by_sample == by_sample[:1]).all())  # a bias for each head, for all samples
    return alike and (sure or not per_head)
