"""A call as the prober sees it: the raw function, what it was given, what was declared of it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import EllipsisType
from typing import Any

import torch

from shapecheck.core.axis import Axis, AxisKind
from shapecheck.core.site import Place
from shapecheck.core.spec import Spec

Path = tuple[str | int | EllipsisType, ...]


@dataclass(frozen=True)
class Leaf:
    """A tensor declared among the arguments or the outputs of a function.

    `path` leads to it: `("x",)`, `("state", 0)` for an argument, `("return",)`, `("return", 1)`
    for an output. Strings after the first are keys or attributes; `...` stands for every item
    of a list or tuple whose length is not declared.
    """

    path: Path
    spec: Spec

    def __str__(self) -> str:
        return str(self.path[0]) + "".join(f"[{step!r}]" for step in self.path[1:])


@dataclass(frozen=True)
class Call:
    """One call of a checked function: `function` is the user's own, `args[0]` self for a method.

    `laws` are the ones declared for it (`{"time": "causal"}`), by axis name.
    """

    function: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    inputs: tuple[Leaf, ...]
    outputs: tuple[Leaf, ...]
    place: Place
    laws: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What the function is called: `LSTM.forward`."""
        return self.place.function or getattr(self.function, "__qualname__", "?")


def bound(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> inspect.BoundArguments:
    """The arguments by parameter name. Raises TypeError where they do not fit the function."""
    return inspect.signature(function, follow_wrapped=False).bind(*args, **kwargs)


def follow(value: Any, path: Path) -> Any:
    """What a path leads to inside a value, or None where it leads nowhere."""
    for step in path:
        if isinstance(value, (tuple, list)) and isinstance(step, int):
            value = value[step] if -len(value) <= step < len(value) else None
        elif isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(step, str):
            value = getattr(value, step, None)
        else:
            return None
    return value


def expanded(leaves: tuple[Leaf, ...], value: Any, start: int = 0) -> tuple[Leaf, ...]:
    """The leaves with every `...` replaced by the indices that the value has there.

    `value` is what the path leads on from at its step `start`.
    """
    return tuple(one for leaf in leaves for one in _expanded(leaf, value, start))


def _expanded(leaf: Leaf, value: Any, start: int) -> Iterator[Leaf]:
    if ... not in leaf.path:
        yield leaf
        return
    at = leaf.path.index(...)
    items = follow(value, leaf.path[start:at])
    for i in range(len(items) if isinstance(items, (tuple, list)) else 0):
        path = (*leaf.path[:at], i, *leaf.path[at + 1 :])
        yield from _expanded(Leaf(path, leaf.spec), value, start)


def tensor_at(value: Any, path: Path) -> torch.Tensor | None:
    """The tensor that a path leads to, or None."""
    found = follow(value, path)
    return found if isinstance(found, torch.Tensor) else None


def named_axes(spec: Spec, rank: int) -> tuple[str, ...]:
    """The name declared for each of `rank` positions; empty where it names no single axis."""
    if not spec.accepts_rank(rank):
        return ("",) * rank
    laid = spec.lay(rank)
    return tuple(_name(axis, laid) for axis in laid)


def _name(axis: Axis, laid: tuple[Axis, ...]) -> str:
    if axis.kind is AxisKind.NAMED and not axis.broadcastable:
        return axis.name
    if axis.kind is AxisKind.VARIADIC and laid.count(axis) == 1:
        return axis.name  # `*batch` that stood for one axis
    return ""


def positions(spec: Spec, rank: int, name: str) -> tuple[int, ...]:
    """Where an axis of this name lies in a tensor of `rank` axes."""
    return tuple(i for i, n in enumerate(named_axes(spec, rank)) if n == name)
