"""Which operation failed: a layer of torch's, what the tracker saw, or the line as written."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from types import FrameType, TracebackType

from torch import Tensor

from shapecheck.runtime.crashing.operation import (
    AxesOf,
    Base,
    Failure,
    Operation,
    Seen,
    described,
    from_call,
    from_failure,
    from_layer,
)
from shapecheck.runtime.crashing.reading import Unread, operation_on, read
from shapecheck.runtime.crashing.standins import Unknown, stand_in


def find_operation(
    error: BaseException,
    frames: list[TracebackType],
    expression: ast.expr | None,
    seen: Seen,
) -> Operation | None:
    """The operation that failed, None where it cannot be told.

    `frames` are those from the user's line on, `expression` is what that line was at.
    """
    operation = _find(error, frames, expression, seen.failure, seen.axes_of)
    if operation is None:
        return None
    bases = dict(_bases(operation, frames[0].tb_frame, seen.axes_of))
    return replace(operation, bases=bases, earlier=seen.earlier)


def _bases(operation: Operation, frame: FrameType, axes_of: AxesOf) -> Iterator[tuple[int, Base]]:
    """The operands that are one index of a tensor that the line names."""
    for i, slot in enumerate(operation.slots):
        try:
            node = ast.parse(slot.operand.text, mode="eval").body
            if not isinstance(node, ast.Subscript):
                continue
            index = read(node.slice, frame)
            held = read(node.value, frame)
            if type(index) is int and isinstance(held, Tensor) and held.dim() > 1:
                text = ast.unparse(node.value)
                one = stand_in(held)
                known = axes_of(held, text) or described(one, text)
                yield i, Base(one, text, ast.unparse(node.slice), known)
        except (SyntaxError, Unread, Unknown):
            continue


def _find(
    error: BaseException,
    frames: list[TracebackType],
    expression: ast.expr | None,
    failure: Failure | None,
    axes_of: AxesOf,
) -> Operation | None:
    here, after = frames[0], frames[1:]
    found = from_layer(after, expression, error, axes_of)
    if found is not None:
        return found
    file = here.tb_frame.f_code.co_filename
    line = (file, here.tb_lineno)
    if failure is not None and failure.said == str(error) and _line(failure) == line:
        written = expression if _calls(expression, failure) or not after else None
        return from_failure(failure, written, error)
    if expression is None:
        return None
    try:
        return from_call(*operation_on(expression, here.tb_frame), expression, error)
    except Unread:
        return None


def _line(failure: Failure) -> tuple[str, int]:
    return failure.place.file, failure.place.line


def _calls(node: ast.expr | None, failure: Failure) -> bool:
    """True where the expression calls the operation itself, by name."""
    if not isinstance(node, ast.Call):
        return node is not None
    function = node.func
    name = function.attr if isinstance(function, ast.Attribute) else ""
    name = function.id if isinstance(function, ast.Name) else name
    return name in (failure.name, getattr(failure.function, "__name__", ""))
