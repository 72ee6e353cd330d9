"""The operation that failed, with stand-ins for its tensors: a layer, a function, a method.

Read from where the error left its marks: the frames of torch's own layers, what the tracker
was given, or the expression on the user's line. Nothing of the user's is called.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any

import torch
from torch import Tensor, nn

from shapecheck.core.facts import Operand
from shapecheck.core.site import Place
from shapecheck.runtime.crashing.earlier import Earlier
from shapecheck.runtime.crashing.reading import call_of, text_at
from shapecheck.runtime.crashing.standins import Path, StandIn, Unknown, at, plain, stand_ins
from shapecheck.runtime.crashing.twins import of_torch

_CONTAINERS = (nn.Sequential, nn.ModuleList, nn.ModuleDict, nn.DataParallel)


def _nothing(tensor: Tensor, text: str) -> Operand | None:
    """What is known of a tensor's axes where nobody tracked them."""
    return None


AxesOf = Callable[[Tensor, str], Operand | None]


@dataclass(frozen=True)
class Slot:
    """A tensor among the arguments: the way to it, its name there, as written, and its axes."""

    path: Path
    name: str
    stand_in: StandIn
    operand: Operand
    same: int  # slots with the same number hold one tensor

    @property
    def text(self) -> str:
        """As the user wrote it, else as the operation calls it."""
        return self.operand.text or self.name


@dataclass(frozen=True)
class Operation:
    """What failed. `given` holds `args` and `kwargs`, with stand-ins for tensors.

    `module` is the layer where it is one, `layer` what the user calls it (`net[2]`) and
    `built_at` the line that built it; else `function` is what was called.
    """

    name: str
    given: dict[str, Any]
    slots: tuple[Slot, ...]
    error: BaseException
    function: Callable[..., Any] | None = None
    module: nn.Module | None = None
    layer: str = ""
    built_at: Place | None = None
    expression: ast.expr | None = None
    bases: dict[int, Base] = field(default_factory=dict)
    earlier: Earlier | None = None
    outer: Operation | None = None


@dataclass(frozen=True)
class Base:
    """Of which tensor an operand is one index of the first axis: `x[t]`."""

    stand_in: StandIn
    text: str
    index: str
    operand: Operand


@dataclass(frozen=True)
class Failure:
    """What the tracker saw of the operation that failed last."""

    name: str
    function: Callable[..., Any]
    given: dict[str, Any]
    operands: tuple[Operand, ...]
    place: Place
    said: str
    same: tuple[int, ...] = field(default=())


@dataclass(frozen=True)
class Seen:
    """What the tracker saw: the operation that failed last, tensors' axes, how they were made."""

    failure: Failure | None = None
    axes_of: AxesOf = _nothing
    earlier: Earlier | None = None


def failure(
    name: str,
    function: Callable[..., Any],
    args: Any,
    kwargs: dict[str, Any],
    operands: tuple[Operand, ...],
    place: Place,
    error: BaseException,
) -> Failure | None:
    """The failed operation as it is remembered: no tensor of the program's is kept alive."""
    try:
        given = {"args": plain(tuple(args)), "kwargs": plain(dict(kwargs))}
    except Unknown:
        return None
    return Failure(name, function, given, operands, place, str(error))


def from_layer(
    after: list[TracebackType], expression: ast.expr | None, error: BaseException, axes_of: AxesOf
) -> Operation | None:
    """The layer of torch.nn that failed, from its frames below the user's line."""
    found = _forward(after)
    if found is None:
        return None
    made = _of_layer(after, found, expression, error, axes_of)
    outer = _sequential(after)
    if made is None or outer is None or outer[0] >= found[0]:
        return made
    return replace(made, outer=_of_layer(after, outer, expression, error, axes_of))


def _of_layer(
    after: list[TracebackType],
    found: tuple[int, nn.Module],
    expression: ast.expr | None,
    error: BaseException,
    axes_of: AxesOf,
) -> Operation | None:
    index, module = found
    frame = after[index].tb_frame
    caller = after[index - 1].tb_frame if index else None
    names = [n for n in inspect.getargs(frame.f_code).args if n != "self"]
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = {}
    if caller is not None and caller.f_code.co_name in ("inner", "_call_impl"):
        args, kwargs = caller.f_locals.get("args", ()), caller.f_locals.get("kwargs", {})
    else:
        kwargs = {n: frame.f_locals[n] for n in names if frame.f_locals.get(n) is not None}
    raw = {"args": tuple(args), "kwargs": dict(kwargs)}
    try:
        given = {"args": plain(raw["args"]), "kwargs": plain(raw["kwargs"])}
    except Unknown:
        return None
    within, first = _within(after[:index])
    call = call_of(expression) if expression is not None else None
    layer = ast.unparse(call.func) if call is not None else ""
    layer = layer + "".join(f"[{i}]" for i in within) if layer.isidentifier() or layer else ""
    slots = []
    tensors: list[Tensor] = []
    for path, one in stand_ins(given):
        tensor = at(raw, path)
        text = text_at(call, path, names) if first else ""
        operand = axes_of(tensor, text) or described(one, text)
        same = next((i for i, t in enumerate(tensors) if t is tensor), len(tensors))
        tensors.append(tensor)
        slots.append(Slot(path, _named(path, names), one, operand, same))
    return Operation(
        f"nn.{type(module).__name__}",
        given,
        tuple(slots),
        error,
        module=module,
        layer=layer,
        built_at=_built_at(module, axes_of),
        expression=expression,
    )


def _forward(after: list[TracebackType]) -> tuple[int, nn.Module] | None:
    """The outermost layer of torch's that is no mere container."""
    for index, trace in enumerate(after):
        frame = trace.tb_frame
        module = frame.f_locals.get("self")
        if frame.f_code.co_name != "forward" or not isinstance(module, nn.Module):
            continue
        if isinstance(module, _CONTAINERS):
            continue
        return (index, module) if of_torch(module) else None
    return None


def _sequential(after: list[TracebackType]) -> tuple[int, nn.Module] | None:
    """The nn.Sequential that the user called, where it is made of torch's layers alone."""
    for index, trace in enumerate(after):
        module = trace.tb_frame.f_locals.get("self")
        if trace.tb_frame.f_code.co_name == "forward" and isinstance(module, nn.Module):
            whole = type(module) is nn.Sequential and of_torch(module)
            return (index, module) if whole else None
    return None


def _within(before: list[TracebackType]) -> tuple[list[str], bool]:
    """Which child of each nn.Sequential on the way was called, and if it was always the first.

    The first one is given what the user gave.
    """
    found, first = [], True
    for trace in before:
        frame = trace.tb_frame
        inside, child = frame.f_locals.get("self"), frame.f_locals.get("module")
        if frame.f_code.co_name == "forward" and isinstance(inside, nn.Sequential):
            names = [name for name, one in inside.named_children() if one is child]
            found += names[:1]
            first = first and next(iter(inside.children())) is child
    return found, first


def _built_at(module: nn.Module, axes_of: AxesOf) -> Place | None:
    """The line of the user's that built a layer: where its weights were made."""
    for weight in module.parameters():
        known = axes_of(weight, "")
        if known is not None and known.made_at is not None and known.made_at.line:
            return known.made_at
    return None


def _named(path: Path, names: list[str]) -> str:
    kind, key, *inner = path
    name = names[key] if kind == "args" and key < len(names) else str(key)
    return name + "".join(f"[{i}]" for i in inner)


def described(one: StandIn, text: str) -> Operand:
    """A stand-in of whose axes nothing is known."""
    return Operand(text, one.shape, dtype=str(one.dtype).removeprefix("torch."))


def from_failure(
    failure: Failure, expression: ast.expr | None, error: BaseException
) -> Operation | None:
    """The operation that the tracker saw fail."""
    found = list(stand_ins(failure.given))
    if len(found) != len(failure.operands):
        return None
    call = call_of(expression) if expression is not None else None
    names = names_of(failure.function)
    method = "self" if _is_method(failure.function) else ""
    slots = []
    for i, ((path, one), operand) in enumerate(zip(found, failure.operands, strict=True)):
        text = text_at(call or expression, path, names, method) or operand.text
        known = Operand(**{**vars(operand), "text": text})
        slots.append(Slot(path, _named(path, names), one, known, i))
    return Operation(
        failure.name,
        failure.given,
        tuple(slots),
        error,
        function=failure.function,
        expression=expression,
    )


def from_call(
    name: str,
    function: Callable[..., Any],
    args: tuple[Any, ...],
    texts: dict[Path, str],
    kwargs: dict[str, Any],
    expression: ast.expr,
    error: BaseException,
) -> Operation | None:
    """An operation whose arguments could be read off the user's line."""
    try:
        given = {"args": plain(args), "kwargs": plain(kwargs)}
    except Unknown:
        return None
    raw = {"args": args, "kwargs": kwargs}
    names = names_of(function)
    tensors: list[Tensor] = []
    slots = []
    for path, one in stand_ins(given):
        tensor = at(raw, path)
        same = next((i for i, t in enumerate(tensors) if t is tensor), len(tensors))
        tensors.append(tensor)
        text = texts.get(path, "")
        slots.append(Slot(path, _named(path, names), one, described(one, text), same))
    return Operation(name, given, tuple(slots), error, function=function, expression=expression)


def names_of(function: Callable[..., Any]) -> list[str]:
    """The names of a function's parameters; few of those written in C have any."""
    try:
        return list(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return []


def _is_method(function: Callable[..., Any]) -> bool:
    return getattr(function, "__objclass__", None) in (Tensor, torch._C.TensorBase)
