"""The lines of a program that show what they make, from before torch is there.

Loads no torch, so that a program's own import of it is the first. Until somebody listens the
probes hand on what they are given.
"""

from __future__ import annotations

import ast
import builtins
from typing import Any, Protocol

from shapecheck.core.trace import TracedSource
from shapecheck.runtime.trace_probes import TracePoint, instrument


class Unit(Protocol):
    """A piece of code as `source` reads it: `text` as written, `code` as Python runs it."""

    @property
    def label(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def code(self) -> str: ...
    @property
    def first_line(self) -> int: ...


class Recorder(Protocol):
    """What listens to the probes; it never raises."""

    def see(self, number: int, value: Any) -> None:
        """A value at the point of this number."""


class Tracing:
    """The points of all pieces of code that are traced, and what listens to them.

    Code finds its probes among the built-in names: the globals of the program stay as they are.
    They stay there, since functions of the program may be called at any later time.
    """

    def __init__(self) -> None:
        self.points: list[TracePoint] = []
        self.sources: list[TracedSource] = []
        self._probe = Probe()
        self._name = _free_name()
        setattr(builtins, self._name, self._probe)

    def attach(self, tree: ast.Module, unit: Unit) -> None:
        """Put probes into the tree of a piece of code, in place."""
        self.points += instrument(
            tree, unit.label, unit.code, unit.first_line, self._name, len(self.points)
        )
        self.sources.append(TracedSource(unit.label, unit.text, unit.first_line))

    def listen(self, recorder: Recorder | None) -> None:
        """From now on this one sees the values; nobody does if it is None."""
        self._probe.recorder = recorder


class Probe:
    """What the code calls."""

    __slots__ = ("recorder",)

    def __init__(self) -> None:
        self.recorder: Recorder | None = None

    def seen(self, number: int, value: Any) -> Any:
        """A value on the way."""
        if self.recorder is not None:
            self.recorder.see(number, value)
        return value

    def told(self, number: int, value: Any) -> None:
        """A variable was bound."""
        if self.recorder is not None:
            self.recorder.see(number, value)

    def opened(self, numbers: tuple[int, ...], value: Any) -> Any:
        """A tuple is about to be assigned to several targets."""
        if self.recorder is not None and type(value) in (tuple, list):
            for number, item in zip(numbers, value, strict=False):
                self.recorder.see(number, item)
        return value


def _free_name() -> str:
    number = 0
    while hasattr(builtins, f"__shapecheck_trace_{number}__"):
        number += 1
    return f"__shapecheck_trace_{number}__"
