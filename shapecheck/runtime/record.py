"""What a run gathers: checked functions, violations, what was left unchecked, our own errors."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import CodeType

from shapecheck.core.evidence import CheckedFunction, Skipped, Unchecked
from shapecheck.core.finding import Finding
from shapecheck.core.site import Place
from shapecheck.runtime.judging.tally import Tally
from shapecheck.runtime.running.children import leave


@dataclass
class Raised:
    """A finding that was raised as ShapeError, and whether a handler asked for it by name.

    `caught_by` is the nearest handler that catches it without naming it (`except Exception`).
    """

    finding: Finding
    expected: bool
    caught_by: Place | None = None


@dataclass
class Record:
    """Evidence and findings of one run, in the order they came."""

    tallies: dict[tuple[str, int, str], Tally] = field(default_factory=dict)
    raised: list[Raised] = field(default_factory=list)
    internal_errors: list[str] = field(default_factory=list)
    skipped: dict[Skipped, None] = field(default_factory=dict)

    def tally(self, code: CodeType, name: str, owner: str = "") -> Tally:
        """The tally of a function, one for all closures of one definition.

        It is found by where the code stands: code objects of different files may be equal.
        `owner` is the class, with its module, whose fields are counted instead.
        """
        where = (code.co_filename, code.co_firstlineno, owner or code.co_qualname)
        return self.tallies.setdefault(where, Tally(name, code))

    def functions(self) -> Iterator[CheckedFunction]:
        """Functions under the guard, with counts; those with 0 calls were never called."""
        for tally in list(self.tallies.values()):
            if tally.calls or not tally.code.co_filename.startswith("<"):  # generated, never run
                yield tally.count()

    def unchecked(self) -> Iterator[Unchecked]:
        """Declarations that could not be evaluated."""
        for tally in list(self.tallies.values()):
            yield from tally.unchecked

    def add(self, raised: Raised) -> None:
        """Keep what was raised; from a child process it is told to the one that reports as well."""
        self.raised.append(raised)
        if not raised.expected:
            leave(raised.finding)

    def skip(self, function: str, place: Place, reason: str) -> None:
        """Note that calls of a function were not judged; `reason` says which calls."""
        self.skipped[Skipped(function, place, reason)] = None

    def internal_error(self, doing: str) -> None:
        """Keep our own failure, which must not become the user's."""
        text = f"shapecheck failed while {doing}; the program went on unchecked.\n"
        entry = text + traceback.format_exc(limit=-6)
        if entry not in self.internal_errors:
            self.internal_errors.append(entry)
