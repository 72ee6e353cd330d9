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
    They stay there, since functions of the program may be called at any later time; and they are
    functions, since `torch.compile` looks into no other built-in object.
    """

    def __init__(self) -> None:
        self.points: list[TracePoint] = []
        self.sources: list[TracedSource] = []
        self._recorder: Recorder | None = None
        self._name = _free_name()
        for name, probe in self._probes().items():
            setattr(builtins, f"{self._name}{name}__", probe)

    def attach(self, tree: ast.Module, unit: Unit) -> None:
        """Put probes into the tree of a piece of code, in place."""
        self.points += instrument(
            tree, unit.label, unit.code, unit.first_line, self._name, len(self.points)
        )
        self.sources.append(TracedSource(unit.label, unit.text, unit.first_line))

    def listen(self, recorder: Recorder | None) -> None:
        """From now on this one sees the values; nobody does if it is None."""
        self._recorder = recorder

    def _probes(self) -> dict[str, Any]:
        """What the code calls, by the ends of the names."""

        def seen(number: int, value: Any) -> Any:
            """A value on the way."""
            if self._recorder is not None:
                self._recorder.see(number, value)
            return value

        def told(number: int, value: Any) -> None:
            """A variable was bound."""
            if self._recorder is not None:
                self._recorder.see(number, value)

        def opened(numbers: tuple[int, ...], value: Any) -> Any:
            """A tuple is about to be assigned to several targets."""
            if self._recorder is not None and type(value) in (tuple, list):
                for number, item in zip(numbers, value, strict=False):
                    self._recorder.see(number, item)
            return value

        return {"seen": seen, "told": told, "opened": opened}


def _free_name() -> str:
    """A beginning of names that no built-in has."""
    number = 0
    while hasattr(builtins, f"__shapecheck_trace_{number}_seen__"):
        number += 1
    return f"__shapecheck_trace_{number}_"
