"""How a call was made: the function that runs and its arguments, from a module or from a frame."""

from __future__ import annotations

import dis
import inspect
import types
from collections.abc import Mapping
from types import CodeType, FrameType
from typing import Any

from torch import Tensor, nn

_GENERATES = 0x20 | 0x80 | 0x100 | 0x200  # generators and coroutines, by the flags of their code
_OWN_NAMES = 0x1 | 0x2  # a function's body, not that of a class or a module
_MOST_ITEMS = 16

Kind = tuple[object, ...]


def kind_of(args: tuple[Any, ...], named: Mapping[str, Any]) -> Kind:
    """What tells one kind of call from another: the ranks and dtypes of its tensors, by argument.

    The sizes are not part of it: a last batch is smaller.
    """
    return (*map(_kind, args), *((name, _kind(value)) for name, value in named.items()))


def _kind(value: Any) -> object:
    if isinstance(value, Tensor):
        return (value.dim(), value.dtype)
    if isinstance(value, (tuple, list)) and len(value) <= _MOST_ITEMS:
        return tuple([_kind(item) for item in value])
    return type(value)


def is_function(code: CodeType) -> bool:
    """True for a function's own body that runs from its call to its end."""
    own = code.co_flags & _OWN_NAMES == _OWN_NAMES and not code.co_flags & _GENERATES
    return own and not code.co_name.startswith("<")


def forward_of(module: nn.Module) -> tuple[Any, bool]:
    """The function that a module's call runs, and whether it is `forward` itself."""
    forward = getattr(type(module), "forward", None)
    hooked = (
        module._forward_hooks or module._forward_pre_hooks
        or module._backward_hooks or module._backward_pre_hooks
    )  # fmt: skip
    plain = isinstance(forward, types.FunctionType) and "forward" not in vars(module)
    if plain and not hooked and not isinstance(module, nn.Sequential):
        return forward, True
    return nn.Module._wrapped_call_impl, False


def rebound(code: CodeType, before: int) -> bool:
    """True where an argument may have got another value earlier than instruction `before`."""
    count = code.co_argcount + code.co_kwonlyargcount
    count += bool(code.co_flags & inspect.CO_VARARGS) + bool(code.co_flags & inspect.CO_VARKEYWORDS)
    names = set(code.co_varnames[:count])
    return any(
        instruction.offset < before
        and instruction.opname in ("STORE_FAST", "DELETE_FAST", "STORE_DEREF", "DELETE_DEREF")
        and instruction.argval in names
        for instruction in dis.get_instructions(code)
    )


def function_of(frame: FrameType) -> tuple[types.FunctionType, list[types.CellType]]:
    """A function like the one whose body the frame runs, with cells of its own."""
    code, held = frame.f_code, frame.f_locals
    cells = [
        types.CellType(held[name]) if name in held else types.CellType()
        for name in code.co_freevars
    ]
    function = types.FunctionType(code, frame.f_globals, code.co_name, None, tuple(cells))
    return function, [
        cell for name, cell in zip(code.co_freevars, cells, strict=True) if name in held
    ]


def arguments_of(code: CodeType, held: Mapping[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The arguments of a running function, from its local variables."""
    at, only = code.co_argcount, code.co_kwonlyargcount
    args = tuple(held[name] for name in code.co_varnames[:at])
    named = {name: held[name] for name in code.co_varnames[at : at + only] if name in held}
    rest = at + only
    if code.co_flags & inspect.CO_VARARGS:
        args = (*args, *held.get(code.co_varnames[rest], ()))
        rest += 1
    if code.co_flags & inspect.CO_VARKEYWORDS:
        named |= held.get(code.co_varnames[rest], {})
    return args, named
