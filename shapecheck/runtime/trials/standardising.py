"""A tensor centred by statistics over one axis and scaled by those over another.

Whatever is meant, the two belong together: `(x - mean over bands) / (deviation over frames)` has
neither zero mean nor unit deviation along anything. Axes that contain the others are fine.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from shapecheck.core.evidence import Trial
from shapecheck.core.site import Place
from shapecheck.runtime.trials.bench import Bench
from shapecheck.runtime.trials.excuses import summed
from shapecheck.runtime.trials.first_break import described
from shapecheck.runtime.trials.recorder import Recording, Shape

_CENTRES = frozenset(("mean", "sum", "nanmean", "nansum", "median"))
_SCALES = frozenset(("std", "var", "mean", "sum", "norm", "linalg_vector_norm"))
_CARRIES = frozenset((
    "sqrt", "rsqrt", "add", "clamp", "clamp_min", "unsqueeze", "view", "reshape", "pow", "detach",
    "to", "float", "double", "__getitem__", "__add__", "div", "__truediv__", "true_divide", "where",
    "mul", "__mul__", "square", "abs", "expand",
))  # fmt: skip
_SUBTRACTS = frozenset(("sub", "__sub__", "subtract"))
_DIVIDES = frozenset(("div", "__truediv__", "true_divide", "divide"))
_DEPTH = 8

Over = tuple[int, frozenset[int]]  # the step of a reduction, and the axes that it runs over


def at_odds(bench: Bench, recording: Recording, told: Collection[Place]) -> Iterator[Trial]:
    """One trial for the first tensor that is standardised over two axes, from one replay.

    None where a fault was `told` of one of the two statistics already.
    """
    for number, step in enumerate(recording.steps):
        if step.name not in _DIVIDES or len(step.operands) != 2 or step.error:
            continue
        shape = step.shapes[0]
        centred = _back(recording, step.operands[0][0], _SUBTRACTS, shape)
        scale = _statistic(recording, number, _SCALES, shape)
        if centred is None or scale is None:
            continue
        centre = _statistic(recording, centred, _CENTRES, shape)
        if centre is None or scale[1] <= centre[1] or centre[1] <= scale[1]:
            continue
        call, (first, over), (other, across) = bench.call, centre, scale
        place = recording.steps[first].place
        if {place, recording.steps[other].place} & set(told):
            return
        yield Trial(
            call.name, call.place, "alignment", "", "", "broken", pattern="at odds",
            first_break=step.place, operation=described(step),
            detail=f"centred over axis {_said(over)} (line {place.line}), "
            f"scaled over axis {_said(across)}",
        )  # fmt: skip
        return


def _said(axes: frozenset[int]) -> str:
    return ", ".join(map(str, sorted(axes)))


def _statistic(
    recording: Recording, number: int, names: frozenset[str], shape: Shape
) -> Over | None:
    """The reduction of a tensor of this shape that the second operand of a step comes from."""
    operands = recording.steps[number].operands
    found = None if len(operands) != 2 else _back(recording, operands[1][0], names, shape)
    axes = None if found is None else summed(recording.steps[found])
    return None if found is None or axes is None else (found, axes)


def _back(recording: Recording, number: int, names: frozenset[str], shape: Shape) -> int | None:
    """The step of one of these names on a tensor of this shape that a result comes from, through
    what keeps a statistic what it is."""
    for _ in range(_DEPTH):
        if number < 0:
            return None
        step = recording.steps[number]
        if step.name in names and step.shapes[:1] == (shape,):
            return number
        if step.name not in _CARRIES or not step.operands:
            return None
        number = step.operands[0][0]
    return None
