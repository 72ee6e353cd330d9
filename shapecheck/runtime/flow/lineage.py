"""Which lines a tensor came by: those of its operations, and of all that these were given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from torch import Tensor

from shapecheck.core.site import Place
from shapecheck.runtime.flow.axes import Axes

_MOST_LINES = 256
_MOST_NESTED = 3
_NONE: frozenset[Place] = frozenset()


class Lineage:
    """The lines by which records of axes came about; `now` are those of the operation at hand."""

    def __init__(self) -> None:
        self._lines: dict[Axes, frozenset[Place]] = {}
        self.now = _NONE

    def given(self, operands: Iterable[Axes]) -> None:
        """An operation is at hand that was given these."""
        lines = [found for axes in operands if (found := self._lines.get(axes))]
        self.now = lines[0].union(*lines[1:]) if lines else _NONE

    def made(self, made: Any, place: Place) -> None:
        """The operation at hand, at `place`, made this."""
        if len(self.now) < _MOST_LINES:
            self.now |= {place}
        for axes in _records(made):
            self._lines[axes] = self.now
        self.now = _NONE

    def of(self, axes: Axes) -> frozenset[Place]:
        """The lines by which this came about; none where it was brought in."""
        return self._lines.get(axes, _NONE)

    def clear(self) -> None:
        """Forget all."""
        self._lines.clear()


def tensors_among(values: Iterable[Any], depth: int = _MOST_NESTED) -> Iterator[Tensor]:
    """The tensors among the arguments of an operation, in lists and tuples as well."""
    for value in values:
        if isinstance(value, Tensor):
            yield value
        elif depth and isinstance(value, (list, tuple)):
            yield from tensors_among(value, depth - 1)


def _records(made: Any) -> Iterator[Axes]:
    if isinstance(made, Axes):
        yield made
    elif isinstance(made, tuple):
        for one in made:
            yield from _records(one)
