"""Shapes with the names of their axes, read from tensors and from a model at work."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn


class Shape(NamedTuple):
    """What was written, its size as torch prints it, and its axes by name."""

    code: str
    size: str
    named: str


class Call(NamedTuple):
    """A part of a model at work: how often it was called, what it first took and gave."""

    part: str
    times: int
    takes: list[Shape]
    gives: list[Shape]


def shape_of(code: str, value: Tensor | np.ndarray, axes: str) -> Shape:
    """The shape of ``value``, whose axes are named by ``axes``, as in ``"batch seq feature"``.

    ValueError unless there is one name for each axis.
    """
    names = axes.split()
    if len(names) != value.ndim:
        raise ValueError(f"{len(names)} names ({axes}) for the {value.ndim} axes of {code}")
    named = ", ".join(f"{name}={size}" for name, size in zip(names, value.shape, strict=True))
    return Shape(code, str(torch.Size(value.shape)), f"({named})")


def calls_inside(model: nn.Module, x: Tensor, state: tuple[Tensor, ...]) -> list[Call]:
    """What every part of ``model`` takes and gives in one forward pass, read as it runs."""
    calls: dict[str, Call] = {}

    def note(name: str, part: nn.Module, taken: object, given: object) -> None:
        takes, gives = _axes(part)
        first = Call(f"self.{name} = {part}", 0, _shapes(takes, taken), _shapes(gives, given))
        call = calls.get(name, first)
        calls[name] = call._replace(times=call.times + 1)

    hooks = [
        part.register_forward_hook(lambda p, taken, given, name=name: note(name, p, taken, given))
        for name, part in model.named_children()
    ]
    with torch.no_grad():
        model(x, *state)
    for hook in hooks:
        hook.remove()
    return list(calls.values())


Axes = dict[str, str]
"""The tensors that a part takes or gives, in order, and the names of their axes."""

_STATE = "layers batch hidden"
_LAYER: tuple[Axes, Axes] = (
    {"x": "batch seq feature", "h_state": _STATE, "c_state": _STATE},
    {"r_out": "batch seq hidden", "h_state": _STATE, "c_state": _STATE},
)
_CELL: tuple[Axes, Axes] = (
    {"x[:, t]": "batch feature", "h": "batch hidden", "c": "batch hidden"},
    {"h": "batch hidden", "c": "batch hidden"},
)
_LINEAR: tuple[Axes, Axes] = (
    {"r_out": "batch seq hidden"},
    {"prediction": "batch seq feature"},
)


def _axes(part: nn.Module) -> tuple[Axes, Axes]:
    if isinstance(part, nn.RNNBase):
        return _LAYER
    return _CELL if isinstance(part, nn.RNNCellBase) else _LINEAR


def _shapes(axes: Axes, values: object) -> list[Shape]:
    # Only an LSTM has a c: elsewhere there are fewer tensors than names.
    tensors = _tensors(values)
    return [shape_of(name, t, a) for (name, a), t in zip(axes.items(), tensors, strict=False)]


def _tensors(values: object) -> Iterator[Tensor]:
    if isinstance(values, Tensor):
        yield values
    elif isinstance(values, tuple):
        for value in values:
            yield from _tensors(value)
