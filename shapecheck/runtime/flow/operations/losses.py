"""Losses: which axis they read as classes, and inputs and targets that must agree."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from shapecheck.core.axis import Role
from shapecheck.core.facts import ClassAxis, LossSizes, at_odds
from shapecheck.runtime.flow.asking import distilled
from shapecheck.runtime.flow.axes import Axes, Axis
from shapecheck.runtime.flow.call import Call, shape_of
from shapecheck.runtime.flow.contracts.directions import classified
from shapecheck.runtime.flow.contracts.recurrent import read
from shapecheck.runtime.flow.marks import Summed
from shapecheck.runtime.flow.meeting import aligned, differing, meet
from shapecheck.runtime.flow.order.pairing import told_apart
from shapecheck.runtime.flow.register import flows
from shapecheck.runtime.flow.statistics.averages import average
from shapecheck.runtime.flow.statistics.normalised import compared, distances

FAMILY = "losses"


@flows(FAMILY, "cross_entropy nll_loss", dtypes=True)
def over_classes(call: Call) -> Any:
    """(batch, class, …) with class numbers (batch, …)."""
    x, y = call.get(0, "input"), call.get(1, "target")
    a, b = call.axes(x), call.axes(y)
    at = 0 if len(a) == 1 else 1
    if y.dtype.is_floating_point and call.name == "cross_entropy":
        aligned(call, x, y)
        compared(call, call.track(x), call.track(y))
        return _unreduced(call, tuple(axis for i, axis in enumerate(a) if i != at))
    counted = call.track(y).root.made_by in ("arange", "range")
    if not counted:  # else samples told from one another: what else holds them has no classes
        call.reads(a[at], Role.CLASS, f"{call.name} takes (batch, class, …)")
    if at == 1:
        operands = call.operand(x, 0), call.operand(y, 1)
        call.emit(ClassAxis(call.place, call.name, *operands, at, counted))
    if counted:
        told_apart(call, x)
    classified(call, call.track(x))
    others = [i for i in range(len(a)) if i != at]
    for i, other in enumerate(others if len(others) == len(b) else ()):
        if len(a[other].parts) > 1 or _at_odds(a[other], b[i]):  # two orders, or two meanings
            differing(call, (x, other), (y, i))
    rest = tuple(a[i] for i in others)
    joint = meet(call, rest, b) if len(rest) == len(b) else rest
    made = _unreduced(call, joint)
    if made is not None and not made.items:
        _reduced(call, call.new(joint), made, call.get(6, "reduction", "mean"))
    return made


def _reduced(call: Call, errors: Axes, made: Axes, how: object) -> None:
    """One number: the mean of all errors, or their sum."""
    if how == "mean":
        average(call, errors, made)
    elif how == "sum":
        everything = frozenset(range(len(errors.items)))
        made.marks = replace(made.marks, summed=Summed(errors, everything, "sum", call.place))


def _at_odds(a: Axis, b: Axis) -> bool:
    one, other = a.single, b.single
    return one is not None and other is not None and at_odds(one.role()[0], other.role()[0])


def _unreduced(call: Call, axes: tuple[Any, ...]) -> Axes | None:
    shape = call.shape
    if shape == ():
        return call.new(())
    return call.new(axes) if tuple(a.size for a in axes) == shape else call.unknown(shape)


@flows(
    FAMILY,
    "mse_loss l1_loss smooth_l1_loss huber_loss binary_cross_entropy "
    "binary_cross_entropy_with_logits kl_div poisson_nll_loss soft_margin_loss "
    "hinge_embedding_loss",
    dtypes=True,
)
def elementwise_loss(call: Call) -> Any:
    """Input and target of one shape."""
    x, y = call.get(0, "input"), call.get(1, "target")
    if not (isinstance(x, Tensor) and isinstance(y, Tensor)):
        return None
    a, b = call.axes(x), call.axes(y)
    classified(call, call.track(x))
    joint = meet(call, a, b)
    if shape_of(x) != shape_of(y):
        result = tuple(torch.broadcast_shapes(x.shape, y.shape))
        call.emit(LossSizes(call.place, call.name, call.operand(x, 0), call.operand(y, 1), result))
    else:
        aligned(call, x, y)
        compared(call, call.track(x), call.track(y))
        distilled(call, call.track(x), call.track(y))
    made = _unreduced(call, joint)
    if made is not None and not made.items:
        _reduced(call, call.new(joint), made, call.get(4, "reduction", "mean"))
    return made


@flows(
    FAMILY,
    "gaussian_nll_loss cosine_embedding_loss margin_ranking_loss triplet_margin_loss "
    "triplet_margin_with_distance_loss multi_margin_loss multilabel_margin_loss "
    "multilabel_soft_margin_loss ctc_loss",
    varies=True,
)
def other_loss(call: Call) -> Any:
    """A number, or one number a sample."""
    x = call.get(0, "input", next((a for a in call.args if isinstance(a, Tensor)), None))
    if call.name == "ctc_loss" and isinstance(x, Tensor) and x.dim() == 3:
        contract = "ctc_loss takes (time, batch, class)"
        read(call, x, (Role.TIME, Role.BATCH, None), contract, "input")
    if call.name.startswith("triplet") and len(vectors := call.args[:3]) == 3:
        distances(call, *map(call.track, vectors))
    shape = call.shape
    if shape == () or not isinstance(x, Tensor):
        return call.unknown(shape)
    at = 1 if call.name == "ctc_loss" else 0
    first = call.axes(x)[at : at + 1]
    return call.new(first) if tuple(a.size for a in first) == shape else call.unknown(shape)
