"""Calls whose dim was left out, so that they take all axes as one row."""

from __future__ import annotations

from dataclasses import replace
from math import prod

from shapecheck.core.axis import Role
from shapecheck.core.rows import FlatCompared, Mirrored, RolledFlat
from shapecheck.core.tracked import agreed
from shapecheck.runtime.flow.axes import Axes, Axis
from shapecheck.runtime.flow.call import Call
from shapecheck.runtime.flow.marks import Marks
from shapecheck.runtime.flow.order.factoring import merge

_EQUALITIES = frozenset(("eq", "ne", "__eq__", "__ne__", "not_equal", "isclose"))


def rolled(call: Call, source: Axes, marks: Marks) -> Marks:
    """The marks of what was rolled: where rows run on into one another, that waits to be used.

    Not where the axes are rows and columns of one stream, which the roll follows, nor where whole
    rows were moved. It is told at once where anybody says what the axes are.
    """
    shift, dims = call.get(1, "shifts"), call.get(2, "dims", ())
    if isinstance(shift, (tuple, list)) and len(shift) == 1:
        shift = shift[0]
    if dims not in ((), [], None) or not isinstance(shift, int):
        return marks
    sizes = [size for size in source.shape if size > 1]
    whole = prod(sizes[1:])
    one_stream = len(merge(source.items).parts) < 2 if sizes else True
    if len(sizes) < 2 or shift % whole == 0 or one_stream:
        return marks
    operand = call.described(source, call.operand_text(0))
    found = RolledFlat(call.place, call.name, operand, shift, _row(source))
    if any(axis.evidence for axis in source.items if axis.size > 1):
        call.emit(found)
        return marks
    return replace(marks, waiting=found)


_UNASKED = {"fliplr": (1,), "flipud": (0,), "rot90": (0, 1)}


def mirrored(call: Call, source: Axes) -> None:
    """Record what is made for one picture (height, width, …) and was given more axes."""
    positions = _UNASKED.get(call.name, ())
    if call.name == "rot90" and tuple(call.get(2, "dims", positions)) != positions:
        return
    if positions and len(source.items) > 2:
        operand = call.described(source, call.operand_text(0))
        call.emit(Mirrored(call.place, call.name, operand, positions))


def _row(source: Axes) -> int:
    """The axis that was meant: time, or the last one."""
    last = max(i for i, size in enumerate(source.shape) if size > 1)
    return next((i for i, axis in enumerate(source.items) if _is_time(axis)), last)


def _is_time(axis: Axis) -> bool:
    if axis.single is None or axis.size == 1:
        return False
    return (axis.single.role()[0] or agreed(axis.single.reads)[0]) is Role.TIME


def compared(call: Call, left: Axes, right: Axes) -> None:
    """`logits.argmax() == labels`: one index into all entries beside a number for each row."""
    if call.name not in _EQUALITIES:
        return
    for (index, at), labels in (((left, 0), right), ((right, 1), left)):
        source = index.reduced
        if index.items or source is None or index.reduced_by not in ("argmax", "argmin"):
            continue
        along = [axis for axis in source.items if axis.size > 1]
        if len(along) < 2 or len(labels.items) != 1 or labels.shape[0] != source.shape[0]:
            continue
        own, other = source.items[0].single, labels.items[0].single
        told = own is not None and (own is other or own.role()[0] is Role.BATCH)
        if told:
            call.emit(
                FlatCompared(
                    call.place,
                    call.name,
                    call.described(index, call.operand_text(at)),
                    call.described(labels, call.operand_text(1 - at)),
                    call.described(source),
                    index.reduced_by,
                )
            )
