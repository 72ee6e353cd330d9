"""How often one function's declarations were checked.

A function that is defined anew at each call of another (a closure, an optimiser's step) has one
tally for all its lives, and the tally holds neither the function nor what it closes over.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from types import CodeType

from shapecheck.core.evidence import CheckedFunction, Declaration, Unchecked
from shapecheck.core.site import Place
from shapecheck.runtime.blame import def_line


@dataclass
class Tally:
    """Counts of one function, and its declarations that could not be evaluated, with reasons."""

    name: str
    code: CodeType
    calls: int = 0
    declarations: int = 0
    local_lines: set[int] = field(default_factory=set)
    unchecked: list[Unchecked] = field(default_factory=list)

    @cached_property
    def place(self) -> Place:
        """Where the function is defined."""
        return Place(self.code.co_filename, def_line(self.code), function=self.name)

    def count(self) -> CheckedFunction:
        """The counts as evidence."""
        size = self.declarations + len(self.local_lines)
        return CheckedFunction(self.place, self.name, size, self.calls)

    def leave(self, declaration: Declaration, reason: str) -> None:
        """Put a declaration on the list of those that are not checked."""
        entry = Unchecked(declaration, self.place, self.name, reason)
        if entry not in self.unchecked:
            self.unchecked.append(entry)
