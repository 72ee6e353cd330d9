"""All pairs made by repeating: one side entry by entry, the other as a whole."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from torch import Tensor
from torch.nn import Parameter

from shapecheck.core.rows import SameForAll
from shapecheck.core.sums import PairedAlike, TurnedInVain
from shapecheck.runtime.flow.axes import Axes, view_of
from shapecheck.runtime.flow.call import Call
from shapecheck.runtime.flow.marks import Copies, Marks

_COMPARES = frozenset(("eq", "ne", "__eq__", "__ne__", "sub", "subtract", "__sub__"))
_TURNS = frozenset(("t", "T"))


def turned_in_vain(call: Call, left: Axes, right: Axes) -> None:
    """One axis has nothing to be exchanged with: `labels == labels.t()` is true everywhere."""
    if call.name not in _COMPARES or left.root is not right.root or left is right:
        return
    how = next((side.made_by for side in (right, left) if side.made_by in _TURNS), "")
    if how and len(left.items) == len(right.items) == 1 and left.items[0].size > 1:
        at = 0 if right.made_by in _TURNS else 1
        operand = call.described((left, right)[at], call.operand_text(at))
        call.emit(TurnedInVain(call.place, call.name, operand, how))


def copied(call: Call, source: Axes, result: Axes, how: str) -> Marks:
    """The marks of a tensor that was repeated along one axis, as often as an axis has entries.

    That axis is the one that was repeated, or one beside it where a new axis was repeated. Copies
    of copies are not told: a loop would hold on to all that ever was.
    """
    marks = replace(result.marks, copies=None)
    before = (1,) * (len(result.shape) - len(source.shape)) + source.shape
    changed = [i for i, (a, b) in enumerate(zip(before, result.shape, strict=True)) if a != b]
    if len(changed) != 1 or not source.items:
        return marks
    (at,) = changed
    times, shift = result.shape[at] // max(before[at], 1), len(before) - len(source.shape)
    beside = [at] if before[at] > 1 else [at - 1, at + 1]
    own = [i - shift for i in beside if 0 <= i - shift < len(source.items) - 1]
    axis = next((source.items[i] for i in own if source.shape[i] == times > 1), None)
    if source.root.marks.copies is not None:
        return marks
    if axis is None or at == len(before) - 1 or axis.single is None:
        return marks
    made = "repeat" if before[at] == 1 else how
    found = Copies(source.root, axis, made, at, call.place, call.operand_text(0))
    return replace(marks, copies=found)


def for_all(call: Call, source: Axes, result: Axes) -> None:
    """Mark one row of what was computed, that was repeated for all samples."""
    before = (1,) * (len(result.shape) - len(source.shape)) + source.shape
    rows = len(before) == 2 and before[0] == 1 < result.shape[0] and before[1] == result.shape[1]
    if rows and before[1] > 1 and not isinstance(call.args[0], Parameter):
        operand = call.described(source, call.operand_text(0))
        found = SameForAll(call.place, call.name, operand, operand, call.place)
        result.marks = replace(result.marks, repeated=found)


def told_apart(call: Call, x: Tensor) -> None:
    """A loss tells each sample from all others: sample k belongs to class k."""
    repeated = call.track(x).marks.repeated
    with suppress(RuntimeError):  # inside vmap or on the meta device values cannot be read
        if repeated is not None and x.dim() == 2 and bool((x == x[:1]).all()):
            operand = call.operand(x)
            call.emit(replace(repeated, place=call.place, operation=call.name, operand=operand))


def joined(call: Call, operands: list[Axes], at: int) -> None:
    """Two tensors laid side by side along their last axis, which are copies of one."""
    if len(operands) != 2 or at != len(operands[0].items) - 1:
        return
    one, other = operands[0].marks.copies, operands[1].marks.copies
    if one is None or other is None or one is other or one.place == other.place:
        return
    if (one.root, one.how, one.at, one.axis) != (other.root, other.how, other.at, other.axis):
        return
    operand, axis = call.described(one.root, one.text), view_of(one.axis)
    call.emit(PairedAlike(call.place, call.name, operand, axis, one.how, (one.place, other.place)))
