"""Gradients of what a model gives for each sample, and norms of these that are held to a number."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from shapecheck.core.standards import GradientNorm
from shapecheck.runtime.flow.axes import Axes, Axis
from shapecheck.runtime.flow.call import Call
from shapecheck.runtime.flow.marks import Gradient, GradientPart, Marks
from shapecheck.runtime.flow.register import flows_of

FAMILY = "gradients"
_NORMS = frozenset(("norm", "vector_norm"))
_LESS = frozenset(("sub", "subtract", "__sub__", "__isub__"))


@flows_of(FAMILY, torch.autograd.grad)
def gradients(call: Call) -> Any:
    """Each gradient has the axes of its input."""
    outputs, inputs = (_several(call.get(i, name)) for i, name in enumerate(("outputs", "inputs")))
    values = _values(call.track(outputs[0])) if len(outputs) == 1 else None
    if call.kwargs.get("is_grads_batched") or len(inputs) != len(call.result):
        return None
    made = []
    for one, result in zip(inputs, call.result, strict=True):
        axes = call.new(axis.plain() for axis in call.axes(one))
        if values is not None:
            axes.marks = replace(axes.marks, gradient=Gradient(values))
        made.append(axes if isinstance(result, Tensor) else None)
    return tuple(made)


def _several(given: Any) -> list[Tensor]:
    return [given] if isinstance(given, Tensor) else list(given)


def _values(output: Axes) -> tuple[Axis, ...] | None:
    """The axes of what the gradient is taken of: of one number, those that were added up to it."""
    if output.items:
        return output.items
    summed = output.marks.summed
    whole = summed is not None and len(summed.dims) == len(summed.source.items)
    return summed.source.items if summed is not None and whole and summed.by == "sum" else None


def reduced(call: Call, source: Axes, dims: set[int], marks: Marks) -> Marks:
    """The marks of a norm (or a sum of squares) over some axes of a gradient."""
    gradient = source.marks.gradient
    if gradient is None:  # a mean over what a norm left is one of a whole
        return replace(marks, part=None) if marks.part is not None else marks
    marks = replace(marks, gradient=None)
    if call.name not in (*_NORMS, "sum"):
        return marks
    left = tuple(
        i
        for i, axis in enumerate(source.items)
        if i not in dims and axis.size > 1 and not _stands_in(axis, gradient.values)
    )
    first = source.items[0]
    samples = 0 in dims and first.size > 1 and _same(first, gradient.values[0])
    if not left and not samples:
        return marks
    over = tuple(sorted(dims))
    text = call.operand_text(0)
    return replace(marks, part=GradientPart(source, text, over, left, samples, call.place))


def _stands_in(axis: Axis, values: tuple[Axis, ...]) -> bool:
    return any(_same(axis, value) or value.size == axis.size for value in values)


def _same(axis: Axis, value: Axis) -> bool:
    return axis.single is not None and axis.single is value.single and value.size == axis.size


def held_to(call: Call, norm: Axes) -> None:
    """A norm less a number: `(gradient.norm(dim=1) - 1) ** 2`."""
    part, number = norm.marks.part, call.get(1, "other")
    if part is None or call.name not in _LESS or not isinstance(number, (int, float)):
        return
    if number > 0:
        call.emit(
            GradientNorm(
                call.place, call.name, call.described(part.source, part.text), part.over,
                part.left, part.samples, float(number), part.place,
            )
        )  # fmt: skip
