"""An operation that raised: its operands with their axes, for whoever explains the error."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from torch import Tensor

from shapecheck.core.facts import Raised
from shapecheck.runtime.crashing.operation import failure
from shapecheck.runtime.flow.call import Call

if TYPE_CHECKING:
    from shapecheck.runtime.tracker import Tracker

_MOST_WORDS = 400


def raised(
    tracker: Tracker, name: str, func: Any, args: Any, kwargs: dict[str, Any], error: BaseException
) -> None:
    """Record the operands of a failed operation. RuntimeError and its kin only."""
    if not isinstance(error, (RuntimeError, ValueError, IndexError)):
        return
    frame = tracker.frames.innermost(sys._getframe(3))
    call = Call(tracker, name, args, kwargs, None, tracker.frames.chain(frame))
    operands = [
        call.operand(value, i) for i, value in enumerate(_tensors([*args, *kwargs.values()]))
    ]
    shown = name if name != "unknown" else getattr(func, "__name__", name)
    tracker.failure = failure(shown, func, args, kwargs, tuple(operands), call.place, error)
    partial, nominal, loader_at = tracker.partial_batch()
    tracker.emit(
        Raised(
            call.place,
            shown,
            tuple(operands),
            str(error)[:_MOST_WORDS],
            tuple(v for v in args if type(v) is int),
            nominal,
            partial,
            loader_at,
        )
    )


def _tensors(values: list[Any]) -> list[Tensor]:
    found: list[Tensor] = []
    for value in values:
        if isinstance(value, Tensor):
            found.append(value)
        elif isinstance(value, (list, tuple)):
            found += _tensors(list(value))
    return found
