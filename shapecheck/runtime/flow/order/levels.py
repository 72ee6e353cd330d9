"""Levels of quantiles, which lie along the estimates and not along what these are compared with.

The loss of a quantile weighs its error by |level - (error < 0)| (Koenker and Bassett, 1978). Where
each estimate meets each target (Dabney et al., 2018, equation 10), errors have an axis of either;
with as many targets as estimates, levels fit along both. Estimates are what the loss trains.
"""

from __future__ import annotations

from dataclasses import replace

from torch import Tensor

from shapecheck.core.sums import LevelsAstray
from shapecheck.runtime.flow.axes import Axes, Axis
from shapecheck.runtime.flow.call import Call

_ESTIMATES, _TARGETS = "estimates", "targets"
_DIFFERENCES = frozenset(("sub", "subtract", "__sub__", "__rsub__", "rsub"))
_COMPARES = frozenset(
    ("lt", "le", "gt", "ge", "__lt__", "__le__", "__gt__", "__ge__", "less", "greater")
)


def met(call: Call, left: Tensor, right: Tensor, axes: tuple[Axis, ...]) -> tuple[Axis, ...]:
    """The axes of an error of all pairs, each with whose it is: estimates are what is trained."""
    if call.name in _DIFFERENCES:
        _weighed(call, left, right)
    elif call.name not in _COMPARES:
        return axes
    if left.requires_grad is right.requires_grad:
        return axes
    trained, other = (left, right) if left.requires_grad else (right, left)
    one, two = _sizes(call.track(trained), len(axes)), _sizes(call.track(other), len(axes))
    grew = [(i, a > b) for i, (a, b) in enumerate(zip(one, two, strict=True)) if a != b]
    if sorted(trains for _, trains in grew) != [False, True]:
        return axes
    sides = {i: _ESTIMATES if trains else _TARGETS for i, trains in grew}
    return tuple(replace(axis, side=sides.get(i, "")) for i, axis in enumerate(axes))


def _sizes(axes: Axes, rank: int) -> tuple[int, ...]:
    return (1,) * (rank - len(axes.shape)) + axes.shape


def _weighed(call: Call, left: Tensor, right: Tensor) -> None:
    """Record levels, less the sign of errors, that lie along the targets alone."""
    for levels, signs in ((left, right), (right, left)):
        errors, given = call.track(signs), call.track(levels)
        sides = [axis.side for axis in errors.items]
        if errors.root.made_by not in _COMPARES or not {_TARGETS, _ESTIMATES} <= set(sides):
            continue
        if levels.requires_grad or len(given.items) > len(errors.items):
            continue
        sizes = _sizes(given, len(sides))
        target, estimate = sides.index(_TARGETS), sides.index(_ESTIMATES)
        if sizes[estimate] == 1 < sizes[target]:
            at = 0 if levels is left else 1
            operands = call.operand(levels, at), call.operand(signs, 1 - at)
            call.emit(LevelsAstray(call.place, call.name, *operands, target, estimate))
