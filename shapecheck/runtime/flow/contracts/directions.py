"""The last step of a bidirectional layer, used for all of its steps.

The backward direction begins at the last step. Whoever uses another step, the final state or one
half of the features knows more than that, and the layer's line is cleared.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from torch import Tensor, nn

from shapecheck.core.stacked import LastOfBoth
from shapecheck.runtime.flow.axes import Axes, Axis, Part
from shapecheck.runtime.flow.call import Call
from shapecheck.runtime.flow.marks import BothWays, LastStep


def given(call: Call, module: nn.RNNBase, made: Any, time: Axis | None) -> None:
    """Mark what a bidirectional layer gave at each of several steps."""
    if module.bidirectional and isinstance(made, Axes) and time is not None and time.size > 1:
        ways = BothWays(time.plain().parts, made.items[-1].parts, call.name, call.place)
        made.marks = replace(made.marks, both_ways=ways)


def picked(
    call: Call, source: Axes, indices: Sequence[tuple[int, int | None]], result: Axes
) -> Axes:
    """What an index made of the steps: the last of them, all of them, or something else."""
    ways, last = source.marks.both_ways, source.marks.last_step
    if last is not None and (not result.items or result.items[-1].parts != last.features):
        call.withdraw(LastOfBoth, last.fact.made)
        result.marks = replace(result.marks, last_step=None)
    if ways is None:
        return result
    at = [i for i, axis in enumerate(source.items) if axis.parts == ways.time]
    index = dict(indices).get(at[0], 0) if len(at) == 1 else 0
    whole = bool(result.items) and result.items[-1].parts == ways.features
    if whole and len(at) == 1 and index in (-1, source.shape[at[0]] - 1):
        operand = call.described(source, call.operand_text(0))
        fact = LastOfBoth(call.place, ways.layer, operand, at[0], ways.made)
        last = LastStep(ways.features, fact)
        result.marks = replace(result.marks, both_ways=None, last_step=last)
    elif not (whole and any(axis.parts == ways.time for axis in result.items)):
        call.withdraw(LastOfBoth, ways.made)
        result.marks = replace(result.marks, both_ways=None)
    return result


def kept(source: Axes, result: Axes) -> Axes:
    """What treats each step alike leaves the steps, and the last of them, what they are."""
    ways, last = source.marks.both_ways, source.marks.last_step
    if ways is not None or last is not None:
        result.marks = replace(result.marks, both_ways=ways, last_step=last)
    return result


def joined(operands: Iterable[Axes], at: int, result: Axes) -> Axes:
    """The last step beside other features."""
    for one in operands:
        last = one.marks.last_step
        whole = last is not None and one.items[-1].parts == last.features
        if last is not None and whole and at == len(result.items) - 1:
            features = result.items[-1].parts
            result.marks = replace(result.marks, last_step=replace(last, features=features))
            return result
    return result


def classified(call: Call, x: Axes, result: Axes | None = None) -> None:
    """A linear layer, or a loss, takes the last step of both directions; or the layer takes all
    steps, of which the last may be picked later."""
    last, ways = x.marks.last_step, x.marks.both_ways
    at_hand = x.items[-1].parts if x.items else ()
    if last is not None and (_one(last.features) or at_hand == last.features):
        call.emit(last.fact)
    if result is None or ways is None:
        return
    if at_hand == ways.features:
        ways = replace(ways, features=result.items[-1].parts)
        result.marks = replace(result.marks, both_ways=ways)
    else:
        call.withdraw(LastOfBoth, ways.made)


def _one(features: tuple[Part, ...]) -> bool:
    """True for one feature, a prediction, whose axis may be squeezed away."""
    return all(part.size == 1 for part in features)


def unfollowed(call: Call) -> None:
    """Whatever nobody follows may use all steps."""
    for value in (*call.args, *call.kwargs.values()):
        for one in value if isinstance(value, (tuple, list)) else (value,):
            if isinstance(one, Tensor):
                call.used_otherwise(call.tracker.before(one))
