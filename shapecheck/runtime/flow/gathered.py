"""The facts of a run, each once; what a later line puts in another light is withdrawn."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from shapecheck.core.facts import Fact
from shapecheck.core.site import Place
from shapecheck.runtime.flow.memory import gist, refresh

_MOST = 5_000


class Gathered:
    """Keeps each fact once for each line and kind of operands.

    `heard` is told of each.
    """

    def __init__(self) -> None:
        self._facts: dict[Any, Fact] = {}
        self._withdrawn: set[tuple[type[Fact], Place]] = set()
        self.of_numpy = False  # while the operation that is looked at is one of numpy's
        self.heard: Callable[[Fact], None] | None = None

    def add(self, fact: Fact, through: Iterable[Place]) -> None:
        """Keep a fact, with the lines that its operands came by."""
        key = (type(fact), fact.place, gist(fact))
        if len(self._facts) < _MOST and key not in self._facts:
            self._facts[key] = replace(fact, through=tuple(through), of_numpy=self.of_numpy)
            if self.heard is not None:
                self.heard(self._facts[key])

    def withdraw(self, kind: type[Fact], place: Place) -> None:
        """The code shows that what was `made` at a place is meant so, wherever it is used."""
        self._withdrawn.add((kind, place))

    def all(self) -> tuple[Fact, ...]:
        """Everything that holds, with what is known about the axes by now."""
        return tuple(
            refresh(fact)
            for fact in self._facts.values()
            if (type(fact), getattr(fact, "made", fact.place)) not in self._withdrawn
        )

    def clear(self) -> None:
        """Forget what was seen so far."""
        self._facts.clear()
