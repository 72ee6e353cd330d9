"""The files whose shape comments are checked, with probes in their code, before torch is there.

Loads no torch, so that a program's own import of it is the first. Until somebody listens the
probes hand on what they are given, and note which statements nobody saw.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any, Protocol

from shapecheck.core.comment_evidence import Legend, SeenAs, ShapeComment, WatchPoint
from shapecheck.core.comment_match import words_of
from shapecheck.runtime.comment_probes import PROBES, Probed, instrument


class Commented(Protocol):
    """What `source` finds in a unit: its comments and the statements to watch."""

    @property
    def comments(self) -> tuple[ShapeComment, ...]: ...
    @property
    def legends(self) -> tuple[Legend, ...]: ...
    @property
    def points(self) -> tuple[WatchPoint, ...]: ...
    @property
    def sized(self) -> tuple[str, ...]: ...
    @property
    def doubled(self) -> bool: ...
    @property
    def multiples(self) -> tuple[tuple[str, int], ...]: ...


Listener = Callable[[dict[str, Any]], Any]  # the probes that code in these names shall find


class ProbedFile:
    """One file, whose units run one after the other, with probes where shape comments stand."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.probed: list[Probed] = []
        self.found: list[Commented] = []
        self.words: set[str] = set()
        self.missed: set[str] = set()
        self._listener: Listener | None = None
        self._namespaces: list[dict[str, Any]] = []

    def attach(self, tree: ast.Module, commented: Commented, namespace: dict[str, Any]) -> None:
        """Put the probes into a tree, in place; the namespace is given what they need."""
        self.found.append(commented)
        self.words.update(words_of(commented.comments))
        self.words.update(legend.symbol for legend in commented.legends)
        self.probed += instrument(tree, commented.points, len(self.probed))
        self._namespaces.append(namespace)
        namespace[PROBES] = self._listener(namespace) if self._listener else _Unheard(self)

    def listen(self, listener: Listener) -> None:
        """From now on the probes are those that the listener gives."""
        self._listener = listener
        for namespace in self._namespaces:
            if PROBES in namespace:  # the program may have cleared its names
                namespace[PROBES] = listener(namespace)


class Silent:
    """Probes that hand on what they are given: what a function finds that went elsewhere."""

    def __reduce__(self) -> tuple[Any, ...]:
        """By value, a function takes its probes along: into another process, silent ones."""
        return (Silent, ())

    def called(self) -> None:
        """A function has begun."""

    def state(self, number: int, *values: Any) -> None:
        """A watched statement is reached."""

    def seen(self, number: int, text: int, seen_as: SeenAs, value: Any) -> Any:
        """A value on the way."""
        return value

    def made(self, number: int, value: Any) -> Any:
        """What a watched statement makes."""
        return value

    def bound(self, number: int, *values: Any) -> None:
        """Variables were bound."""


class _Unheard(Silent):
    """Probes to which nobody listens yet."""

    def __init__(self, file: ProbedFile) -> None:
        self._file = file

    def state(self, number: int, *values: Any) -> None:
        """A watched statement is reached, and not seen."""
        self._file.missed.add(self._file.probed[number].point.id)

    def bound(self, number: int, *values: Any) -> None:
        """Variables were bound, and not seen."""
        self._file.missed.add(self._file.probed[number].point.id)
