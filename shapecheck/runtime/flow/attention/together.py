"""Steps of a sequence that were normalised with one another before attention reads them.

`F.layer_norm(h, h.shape[1:])` takes all axes but the first: the features of a sample, where the
sample is a vector. Of a sequence these are all steps as well, so that each depends on all others,
padding and future too, before attention weighs anything.
"""

from __future__ import annotations

import ast
from dataclasses import replace

from torch import Tensor

from shapecheck.core.standards import StepsNormalised
from shapecheck.runtime.flow.axes import Axes
from shapecheck.runtime.flow.call import Call
from shapecheck.runtime.flow.marks import Marks, Together


def normalised(call: Call, source: Axes, marks: Marks) -> Marks:
    """The marks of what layers made, normalised over its last two axes of three.

    Not where the sizes were written out, nor where a gain was given for each entry: these are
    meant. Nor for data before any layer: each series may well be standardised as a whole.
    """
    shape, result = call.get(1, "normalized_shape"), call.result
    plain = call.name == "layer_norm" and call.get(2, "weight") is None
    trained = isinstance(result, Tensor) and result.requires_grad
    if not (plain and trained) or len(source.items) != 3 or len(shape) != 2 or not _sliced(call):
        return marks
    over = tuple(axis.single for axis in source.items[1:])
    operand = call.described(source, call.operand_text(0))
    return replace(marks, together=Together(over, operand, call.place))


def _sliced(call: Call) -> bool:
    """True for `x.shape[1:]`: all that follows, whatever it is."""
    written = call.written_argument(1, "normalized_shape", method=False)
    return isinstance(written, ast.Subscript) and isinstance(written.slice, ast.Slice)


def carried(source: Axes, result: Axes) -> None:
    """A layer that reads the features of each step leaves the steps as they are."""
    if source.marks.together is not None and len(source.items) == len(result.items):
        result.marks = replace(result.marks, together=source.marks.together)


def attended(call: Call, sequence: Axes, time: int) -> None:
    """Attention weighs the steps along axis `time`."""
    found, axis = sequence.marks.together, sequence.items[time].single
    if found is not None and axis is not None and axis is found.over[0]:
        call.emit(StepsNormalised(found.place, "layer_norm", found.operand, 1, call.place))


def scored(call: Call, left: Axes, right: Axes) -> None:
    """Two versions of one sequence are multiplied, each step with each: scores of attention."""
    one, other = left.marks.together, right.marks.together
    if one is not None and one is other and len(left.items) == len(right.items) > 2:
        attended(call, left, len(left.items) - 2)
