"""A tensor centred by statistics over one axis and scaled by those over another.

Whatever is meant, the two belong together: `(x - mean over bands) / (deviation over frames)` has
neither zero mean nor unit deviation along anything. Axes that contain the others are fine, unless
the level is that of all samples and the deviation that of each: see `apart`. Vectors that are given
length one after something was taken off them are no such thing.
"""

from __future__ import annotations

import linecache
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

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
_MULTIPLIES = frozenset(("mul", "__mul__", "multiply"))
_INVERTS = frozenset(("rsqrt", "reciprocal"))
_DEVIATIONS = frozenset(("std", "var"))
_ENDS = frozenset(("min", "amin", "max", "amax"))
_SPREAD = re.compile(r"var|std|dev|sigma|spread", re.IGNORECASE)
_DEPTH = 8

Over = tuple[int, frozenset[int]]  # the step of a reduction, and the axes that it runs over
Operands = tuple[tuple[int, int], ...]


def at_odds(bench: Bench, recording: Recording, told: Collection[Place]) -> Iterator[Trial]:
    """One trial for the first tensor that is standardised over two axes, from one replay.

    None where a fault was `told` of one of the two statistics already.
    """
    for found in _standardised(recording):
        (first, over), (other, across) = found.centre, found.scale
        if across <= over or over <= across or _length(recording, found):
            continue
        call, step = bench.call, recording.steps[found.number]
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


@dataclass(frozen=True)
class _Standardised:
    """A tensor less a `centre`, divided by a `scale` in step `number`."""

    number: int
    centred: int
    centre: Over
    scale: Over


def _standardised(recording: Recording) -> Iterator[_Standardised]:
    for number, step in enumerate(recording.steps):
        if len(step.operands) != 2 or step.error or not _divides(recording, number):
            continue
        shape = step.shapes[0]
        centred = _back(recording, step.operands[0][0], _SUBTRACTS, shape)
        scale = _statistic(recording, number, _SCALES, shape)
        if centred is None or scale is None:
            continue
        centre = _statistic(recording, centred, _CENTRES, shape)
        if centre is not None:
            yield _Standardised(number, centred, centre, scale)


def _divides(recording: Recording, number: int) -> bool:
    step = recording.steps[number]
    if step.name in _DIVIDES:
        return True
    inverse = _back(recording, step.operands[1][0], _INVERTS, None)
    return step.name in _MULTIPLIES and inverse is not None


def _length(recording: Recording, found: _Standardised) -> bool:
    """What was centred is given length one, row by row: PairNorm (arXiv:1909.12223).

    What is called a variance is meant to be one.
    """
    step = recording.steps[found.scale[0]]
    last = found.scale[1] == {len(step.shapes[0]) - 1}
    said = linecache.getline(step.place.file, step.place.line)
    return last and step.name not in _DEVIATIONS and not _SPREAD.search(said)


def apart(recording: Recording, number: int, position: int) -> str:
    """What is taken of each sample apart, where the statistic in step `number` is one of all.

    The deviation of the very tensor whose level it is, or the other end of its range. The samples
    lie at `position`. The reverse is fine: levels of their own, one scale for all.
    """
    raw = recording.steps[number].operands[:1]
    for found in _standardised(recording):
        over, less = found.centre[1], recording.steps[found.centred].operands[:1]
        finer = found.scale[1] < over and position in over - found.scale[1]
        if found.centre[0] == number and finer and less == raw and _deviates(recording, found, raw):
            return "the deviation that divides it is taken of each apart"
    for low, (highest, lowest) in _ranges(recording, raw):
        over = highest[1] | lowest[1]
        astray = highest[1] != lowest[1] and position in over - (highest[1] & lowest[1])
        below = over < low[1] and position in low[1] - over
        if (astray or below) and number in (low[0], highest[0], lowest[0]):
            return "its lowest and its highest are not taken over the same"
    return ""


def _deviates(recording: Recording, found: _Standardised, raw: Operands) -> bool:
    """True for the deviation of a tensor about its own mean, or what is called one."""
    number, over = found.scale
    step = recording.steps[number]
    if step.name in _DEVIATIONS:
        return step.operands[:1] == raw
    away = _back(recording, step.operands[0][0], _SUBTRACTS, step.shapes[0])
    if away is None or recording.steps[away].operands[:1] != raw:
        return False
    about = _statistic(recording, away, _CENTRES, step.shapes[0])
    named = bool(_SPREAD.search(linecache.getline(step.place.file, step.place.line)))
    return about is not None and (about[1] == over or (about[0] == found.centre[0] and named))


def _ranges(recording: Recording, raw: Operands) -> Iterator[tuple[Over, tuple[Over, Over]]]:
    """`(x - low) / (high - low)` of one tensor: the low end, and both ends of the range."""
    for step in recording.steps:
        if step.name not in _DIVIDES or len(step.operands) != 2 or step.error:
            continue
        centred = _back(recording, step.operands[0][0], _SUBTRACTS, step.shapes[0])
        wide = _back(recording, step.operands[1][0], _SUBTRACTS, None)
        if centred is None or wide is None or recording.steps[centred].operands[:1] != raw:
            continue
        low = _end(recording, recording.steps[centred].operands, 1, raw)
        ends = [_end(recording, recording.steps[wide].operands, i, raw) for i in range(2)]
        if low is not None and ends[0] is not None and ends[1] is not None:
            yield low, (ends[0], ends[1])


def _end(recording: Recording, operands: Operands, which: int, raw: Operands) -> Over | None:
    """The lowest or highest of a tensor that an operand comes from."""
    at = None if which >= len(operands) else _back(recording, operands[which][0], _ENDS, None)
    axes = None if at is None else summed(recording.steps[at])
    mine = at is not None and recording.steps[at].operands[:1] == raw
    return (at, axes) if at is not None and axes is not None and mine else None


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


def _back(
    recording: Recording, number: int, names: frozenset[str], shape: Shape | None
) -> int | None:
    """The step of one of these names that a result comes from, on a tensor of this shape.

    Through what keeps a statistic what it is.
    """
    for _ in range(_DEPTH):
        if number < 0:
            return None
        step = recording.steps[number]
        if step.name in names and (shape is None or step.shapes[:1] == (shape,)):
            return number
        if step.name not in _CARRIES or not step.operands:
            return None
        number = step.operands[0][0]
    return None
