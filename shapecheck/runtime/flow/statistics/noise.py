"""Noise that is drawn once for all samples, where each has a deviation of its own."""

from __future__ import annotations

from shapecheck.core.shares import NoiseShared
from shapecheck.runtime.flow.axes import Axes
from shapecheck.runtime.flow.call import Call

_DRAWN = frozenset(("randn", "randn_like", "normal", "normal_"))
# What a layer gave, perhaps bounded. Weights with noise of their own are no samples.
_MADE = frozenset(("linear", "clamp", "tanh", "softplus", "layer_norm", "batch_norm", "relu"))


def added(call: Call, left: Axes, right: Axes) -> None:
    """`mu + noise * deviation` (Kingma and Welling, arXiv:1312.6114): noise of the shape of mu.

    One row of noise fits by broadcasting, and moves all samples alike.
    """
    if not call.result.requires_grad:
        return
    for level, product, at in ((left, right, 0), (right, left, 1)):
        made = product.marks.factors
        if level.root.made_by not in _MADE or level.shape != product.shape or len(made) != 2:
            continue
        for noise, scale in (made, made[::-1]):
            if noise.root.made_by in _DRAWN and scale.shape == level.shape and _row(noise, level):
                operands = call.described(noise, ""), call.described(level, call.operand_text(at))
                call.emit(NoiseShared(call.place, call.name, *operands, noise.root.made_at))


def _row(noise: Axes, level: Axes) -> bool:
    """True for one vector beside a table of samples."""
    if len(level.items) != 2 or level.shape[0] == 1 or level.shape[1] == 1:
        return False
    return noise.shape in ((level.shape[1],), (1, level.shape[1]))
