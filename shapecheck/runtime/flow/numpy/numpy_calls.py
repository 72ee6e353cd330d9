"""Calls of numpy in torch's words: which operation of torch moves axes as they do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import Tensor

from shapecheck.runtime.arrays.points import ArrayPoint
from shapecheck.runtime.flow.axes import Axes
from shapecheck.runtime.flow.call import Call
from shapecheck.runtime.flow.numpy.numpy_words import WORDS, Named, UnfollowedError, number, same
from shapecheck.runtime.flow.register import Flow

FlowOf = Callable[[Any], Flow]


@dataclass(frozen=True)
class Torch:
    """A flow with the arguments that it is to be given; `function` tells it from others."""

    flow: Flow
    function: Any
    args: tuple[Any, ...]
    named: Named


def as_torch(point: ArrayPoint, args: list[Any], named: Named, made: Any, flow: FlowOf) -> Torch:
    """The operation of a point in torch's words. Raises UnfollowedError where there is none."""
    if point.kind == "drawn":
        function = getattr(torch, _DRAWN.get(point.name, "zeros"))
        return Torch(_named(flow(function), point.name), (function, point.name), (), {})
    if point.kind in ("handed", "brought"):
        return Torch(_same(point.name), same, (args[0],), {})
    if point.kind in ("operator", "changed"):
        return _operator(point, args, flow)
    if point.kind == "index":
        taken = _as(flow, Tensor.__getitem__, "__getitem__", (args[0], _index(args[1])))
        return replace(taken, flow=_looked_up(taken.flow))
    if point.kind == "length":
        return _as(flow, Tensor.__len__, "__len__", (args[0],))
    if point.kind == "attribute":
        if point.name == "shape":
            return _as(flow, Tensor.shape.__get__, "shape", (args[0],))  # type: ignore[attr-defined]
        return _as(flow, Tensor.T.__get__, "T", (args[0],))  # type: ignore[attr-defined]
    words = WORDS.get(point.name.rpartition(".")[2])
    if words is None:
        raise UnfollowedError
    function, given, rest = words(args, named, made)
    name = point.name.rpartition(".")[2]
    if function is same:
        return Torch(_same(name), same, given, rest)
    return _as(flow, function, name, given, rest)


def _as(flow: FlowOf, function: Any, name: str, args: Any, named: Named | None = None) -> Torch:
    return Torch(_named(flow(function), name), (function, name), tuple(args), named or {})


@lru_cache(maxsize=512)
def _named(flow: Flow, name: str) -> Flow:
    """The flow under numpy's name. Where numpy takes more than torch would, nothing is known."""

    def fitting(call: Call) -> Any:
        try:
            made = flow.rule(call)
        except (TypeError, ValueError, IndexError, AttributeError):
            return None
        misfit = isinstance(made, Axes) and isinstance(call.result, Tensor)
        return None if misfit and made.shape != call.shape else made

    return replace(flow, name=name, rule=flow.rule if flow.reads else fitting)


@lru_cache(maxsize=4)
def _looked_up(flow: Flow) -> Flow:
    """What an array of numbers picks lies along these numbers: `bias[users]` along `users`.

    Picked from two tables, entries belong together; the tables have nothing in common.
    """

    def rule(call: Call) -> Any:
        made = flow.rule(call)
        index = call.args[1] if isinstance(call.args[1], tuple) else (call.args[1],)
        picks = [i for i, one in enumerate(index) if isinstance(one, Tensor)]
        beside = all(
            isinstance(one, slice) or one is None for i, one in enumerate(index) if i not in picks
        )
        if len(picks) != 1 or not beside or not isinstance(made, Axes):
            return made
        numbers = call.track(index[picks[0]])
        if len(numbers.items) != 1 or index[picks[0]].dtype is torch.bool:
            return made
        items = list(made.items)
        items[picks[0]] = numbers.items[0].plain()
        looked_up = call.new(items)
        looked_up.marks = made.marks
        return looked_up

    return replace(flow, rule=rule)


@lru_cache(maxsize=64)
def _same(name: str) -> Flow:
    return Flow(name, "numpy", same)


def _operator(point: ArrayPoint, args: list[Any], flow: FlowOf) -> Torch:
    name = point.name
    if point.kind == "changed":
        inner = f"__i{name.strip('_')}__"
        function = getattr(Tensor, inner, None)
        if function is None:
            raise UnfollowedError
        return _as(flow, function, inner, args)
    if len(args) == 1:
        return _as(flow, getattr(Tensor, name), name, args)
    if not any(isinstance(a, np.ndarray) for a in args):
        raise UnfollowedError
    args = [a if isinstance(a, np.ndarray) else number(a) for a in args]
    if not isinstance(args[0], np.ndarray):
        turned = _TURNED.get(name, f"__r{name.strip('_')}__")
        function = getattr(Tensor, turned, None)
        if function is None:
            raise UnfollowedError
        return _as(flow, function, turned, args[::-1])
    return _as(flow, getattr(Tensor, name), name, args)


_TURNED = {
    "__eq__": "__eq__",
    "__ne__": "__ne__",
    "__lt__": "__gt__",
    "__gt__": "__lt__",
    "__le__": "__ge__",
    "__ge__": "__le__",
    "__matmul__": "",
}


def _index(value: Any) -> Any:
    elements = value if isinstance(value, tuple) else (value,)
    for element in elements:
        whole = element is None or element is Ellipsis or isinstance(element, (int, np.integer))
        chosen = isinstance(element, np.ndarray) and element.dtype.kind in "iub"
        if not (whole or chosen or isinstance(element, (slice, list))):
            raise UnfollowedError
    return value


_DRAWN = {
    "rand": "rand",
    "randn": "randn",
    "zeros": "zeros",
    "ones": "ones",
    "empty": "empty",
    "full": "full",
    "randint": "randint",
    "normal": "normal",
}
