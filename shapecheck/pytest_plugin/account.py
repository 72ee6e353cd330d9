"""What guards raised, accounted for: shown by a failure, expected by name, or swallowed."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace

from shapecheck.core.finding import Finding, ShapeError
from shapecheck.pytest_plugin.summary import fault
from shapecheck.runtime.guard import Guard
from shapecheck.runtime.record import Raised


class Account:
    """The records of the guards of one run, emptied as their entries are accounted for.

    `findings` are those that no handler asked for by name, the same fault once; `stray` the ones
    among them that no test can fail for: swallowed, or called, while none was running.
    """

    def __init__(self, *guards: Guard) -> None:
        self.guards = guards
        self._found: dict[object, Finding] = {}
        self.stray: list[Finding] = []
        self._take()  # what was raised before this run is none of its business

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was met so far."""
        return tuple(self._found.values())

    def running(self) -> list[Finding]:
        """Findings that were raised since the last account was made."""
        return [entry.finding for guard in self.guards for entry in guard.record.raised]

    def settle(self, shown: Iterable[Finding], *, expected: bool = False) -> list[Raised]:
        """Take the records' entries; return those that nobody shows and nobody expects."""
        unexpected = [e for e in self._take() if not (e.expected or expected)]
        self.add(*(entry.finding for entry in unexpected))
        known = set(map(id, shown))
        lost = [entry for entry in unexpected if id(entry.finding) not in known]
        return list({fault(entry.finding): entry for entry in lost}.values())

    def settle_outside_tests(self, shown: Iterable[Finding] = ()) -> None:
        """The same while no test is running: what is lost is kept as `stray`."""
        self.stray += map(swallowed, self.settle(shown))

    def add(self, *findings: Finding) -> None:
        """Keep findings, each fault once however often it was met."""
        for finding in findings:
            self._found.setdefault(fault(finding), finding)

    def _take(self) -> list[Raised]:
        taken = [entry for guard in self.guards for entry in guard.record.raised]
        for guard in self.guards:
            guard.record.raised.clear()
        return taken


def findings_in(error: BaseException | None) -> Iterator[Finding]:
    """The findings that the display of an exception shows, with what led to it."""
    waiting, seen = [error], set()
    while waiting:
        part = waiting.pop()
        if part is None or id(part) in seen:
            continue
        seen.add(id(part))
        if isinstance(part, ShapeError):
            yield part.finding
        waiting += _parts(part)
        waiting.append(part.__cause__)
        if not part.__suppress_context__:
            waiting.append(part.__context__)


def _parts(error: BaseException) -> Iterable[BaseException]:
    """The exceptions inside a group, and those that doctest and pytest wrap in theirs."""
    if isinstance(error, BaseExceptionGroup):
        return error.exceptions
    doctest = sys.modules.get("doctest")
    if doctest is not None and isinstance(error, doctest.UnexpectedException):
        return [error.exc_info[1]]
    pytests = sys.modules.get("_pytest.doctest")
    if pytests is not None and isinstance(error, pytests.MultipleDoctestFailures):
        return list(error.failures)
    return ()


def swallowed(entry: Raised) -> Finding:
    """The finding with a note of what became of it."""
    by = f" by the handler at {entry.caught_by}" if entry.caught_by is not None else ""
    note = f"raised, then swallowed{by}; catch `shapecheck.ShapeError` by name to expect it"
    return replace(entry.finding, notes=(*entry.finding.notes, note))
