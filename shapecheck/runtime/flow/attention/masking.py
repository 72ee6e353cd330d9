"""Scores that are filled where a mask says so: too late, in vain, or alike all along an axis."""

from __future__ import annotations

import ast
from dataclasses import replace

from torch import Tensor

from shapecheck.core.facts import Masked
from shapecheck.runtime.flow.axes import Axis
from shapecheck.runtime.flow.call import Call

_FAR_BELOW = -100.0


def masked(call: Call) -> None:
    """A mask that comes too late, or whose result is thrown away."""
    operand, mask, value = call.args[0], call.get(1, "mask"), call.get(2, "value")
    if not isinstance(mask, Tensor):
        return
    fill = float(value) if isinstance(value, (int, float)) else None
    after = next((a.normalised for a in call.axes(operand) if a.normalised), None)
    discarded = call.result is not operand and _is_statement(call)
    if discarded or after is not None:
        call.emit(
            Masked(
                call.place,
                call.name,
                call.operand(operand, 0),
                call.operand(mask, 1),
                discarded,
                after,
                fill,
            )
        )


def uniform(call: Call, axes: tuple[Axis, ...]) -> tuple[Axis, ...]:
    """Where a mask of scores is the same all along an axis, and differs along another one.

    A mask that differs along the axis, before or after, takes that back: the two together are a
    whole one.
    """
    mask, value = call.get(1, "mask"), call.get(2, "value")
    far = isinstance(value, (int, float)) and value <= _FAR_BELOW
    if not far or not isinstance(mask, Tensor) or mask.dim() != len(axes) or len(axes) < 3:
        return axes
    rows = mask.shape[-2] > 1 == mask.shape[-1] and axes[-1].size > 1
    if rows and axes[-2].size > 1 and not axes[-1].masked:
        return (*axes[:-1], replace(axes[-1], uniform=call.place))
    if mask.shape[-1] > 1:
        return (*axes[:-1], replace(axes[-1], uniform=None, masked=True))
    return axes


def _is_statement(call: Call) -> bool:
    node, source = call.expression, call.source
    return node is not None and source is not None and isinstance(source.parent(node), ast.Expr)
