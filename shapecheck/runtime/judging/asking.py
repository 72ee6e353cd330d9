"""Does a function's body ask jaxtyping by itself, and so need the bindings of its call?"""

from __future__ import annotations

import builtins
import dis
from collections.abc import Sequence
from types import FunctionType, ModuleType
from typing import Any

from shapecheck.runtime.judging.annotation import mentions_array

_UNKNOWN = object()
_NAMES = ("LOAD_GLOBAL", "LOAD_DEREF", "LOAD_NAME")
_BETWEEN = ("CACHE", "PRECALL", "NOP", "RESUME", "EXTENDED_ARG", "PUSH_NULL")


def asks_jaxtyping(function: FunctionType) -> bool:
    """True where the body has `isinstance(x, Float[...])` or `print_bindings`, or may have.

    What stands second in `isinstance` is looked up where it is a name, a name in a module, or a
    tuple of these; anything else may be a tensor annotation.
    """
    names = function.__code__.co_names
    if "print_bindings" in names:
        return True
    if "isinstance" not in names:
        return False
    steps = [i for i in dis.get_instructions(function) if i.opname not in _BETWEEN]
    asked = [at for at, step in enumerate(steps) if step.argval == "isinstance"]
    return any(_may_ask(function, steps[at + 1 :]) for at in asked)


def _may_ask(function: FunctionType, steps: Sequence[dis.Instruction]) -> bool:
    end = next((i for i, step in enumerate(steps) if step.opname.startswith("CALL")), None)
    if end is None or steps[end].arg != 2:
        return True
    wanted = _value(function, list(steps[:end]))
    return wanted is _UNKNOWN or mentions_array(wanted)


def _value(function: FunctionType, steps: list[dis.Instruction]) -> Any:
    """What the last of these instructions leave on the stack; takes those away."""
    if not steps:
        return _UNKNOWN
    last = steps.pop()
    if last.opname in _NAMES:
        return _named(function, str(last.argval))
    if last.opname == "LOAD_ATTR":
        owner = _value(function, steps)
        return vars(owner).get(last.argval, _UNKNOWN) if isinstance(owner, ModuleType) else _UNKNOWN
    if last.opname == "BUILD_TUPLE" and last.arg is not None:
        items = [_value(function, steps) for _ in range(last.arg)]
        return _UNKNOWN if any(item is _UNKNOWN for item in items) else tuple(items)
    return _UNKNOWN


def _named(function: FunctionType, name: str) -> Any:
    cells = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))
    if name in cells:
        try:
            return cells[name].cell_contents
        except ValueError:
            return _UNKNOWN
    return function.__globals__.get(name, getattr(builtins, name, _UNKNOWN))
