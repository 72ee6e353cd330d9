"""What a tracker remembers: results worked out once, facts told apart and brought up to date."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from typing import Any

import torch
from torch import Tensor

from shapecheck.core.facts import AxisView, Fact
from shapecheck.core.site import Place
from shapecheck.runtime.flow.axes import Axes, refreshed
from shapecheck.runtime.flow.register import Flow
from shapecheck.runtime.flow.wording.sizes import Use

_MOST_ALTERNATIVES = 8
_TOLD_APART = 6  # indices near the ends: the first and last, and the layers of a state
NOTHING = object()


class Hanging:
    """Results that hang on what size variables spoke of when they were worked out."""

    __slots__ = ("known",)

    def __init__(self) -> None:
        self.known: list[tuple[tuple[Use, ...], Any]] = []

    def add(self, used: tuple[Use, ...], made: Any) -> None:
        self.known = [(used, made), *self.known[: _MOST_ALTERNATIVES - 1]]

    def now(self) -> Any:
        """The result for what the variables speak of now."""
        for used, made in self.known:
            if all(table.get(key) == value for table, key, value in used):
                return made
        return NOTHING


def shapes_of(result: Any) -> Any:
    if isinstance(result, Tensor):
        return result.shape
    if isinstance(result, (tuple, list)):
        return tuple([shapes_of(one) for one in result])
    return type(result)


def gist(fact: Fact) -> Any:
    """What tells two facts of one kind and line apart: roles and names, not sizes."""
    position = getattr(fact, "position", None)
    argument = getattr(fact, "argument", getattr(fact, "slot", None))
    return (position, argument, tuple(_labels(fact)))


def _labels(value: Any) -> list[Any]:
    if isinstance(value, AxisView):
        return [value.label, value.role]
    if is_dataclass(value) and not isinstance(value, (type, Place)):
        found: list[Any] = []
        for f in fields(value):
            labels = _labels(getattr(value, f.name))
            found += [f.name, *labels] if labels else []
        return found
    if isinstance(value, tuple):
        return [label for item in value for label in _labels(item)]
    return []


def refresh(value: Any) -> Any:
    if isinstance(value, AxisView):
        return refreshed(value)
    if isinstance(value, Place):
        return value
    if is_dataclass(value) and not isinstance(value, type):
        changed = {f.name: refresh(getattr(value, f.name)) for f in fields(value)}
        return replace(value, **changed)
    if isinstance(value, tuple):
        return tuple(refresh(item) for item in value)
    return value


def frozen(axes_of: Callable[[Tensor], Axes], value: Any, flow: Flow) -> Any:
    """An argument as part of a memo's key: axes for tensors, numbers where they matter."""
    kind = type(value)
    if kind is Tensor or isinstance(value, Tensor):
        axes = axes_of(value)
        return (axes, value.dtype) if flow.dtypes else axes
    if kind is int:
        if not flow.scalars:
            return int
        return (value if abs(value) <= _TOLD_APART else _TOLD_APART + 1) if flow.index else value
    if value is None or kind is bool or kind is str or value is Ellipsis:
        return value
    if kind is tuple or kind is list:
        return tuple([frozen(axes_of, item, flow) for item in value])
    if kind is torch.Size:
        return value
    if kind is slice and not flow.index:
        return (slice, value.start, value.stop, value.step)
    return kind
