"""One watched program once torch is there: what runtime gathers and what rules make of it."""

from __future__ import annotations

from typing import Any

from shapecheck.core.evidence import Skipped
from shapecheck.core.finding import Finding
from shapecheck.rules import judge
from shapecheck.runtime.crash import gather_crash
from shapecheck.runtime.tracker import Tracker


class Session:
    """Watches from `start` to `stop`; `findings` judges what was gathered.

    `file` is the program as it was named on the command line; findings name files the same way.
    """

    def __init__(self, file: str, settings: dict[str, Any]) -> None:
        self._file = file
        self._settings = settings
        self._tracker = Tracker()

    def start(self) -> None:
        """Begin to watch, in the thread that calls."""
        self._tracker.__enter__()

    def stop(self) -> None:
        """End watching; nothing of ours stays in the program's way."""
        self._tracker.__exit__(None, None, None)

    def findings(self, error: BaseException | None) -> tuple[Finding, ...]:
        """What the rules find, one for each fault and line, most severe first."""
        found: dict[tuple[str, str, int], Finding] = {}
        for finding in judge(self._evidence(error)):
            place = finding.place
            key = (finding.slug, place.file, place.line)
            if key not in found or finding.severity.rank < found[key].severity.rank:
                found[key] = finding
        return tuple(sorted(found.values(), key=_order))

    def _evidence(self, error: BaseException | None) -> list[object]:
        evidence: list[object] = list(self._tracker.facts())
        crash = gather_crash(error) if error is not None else None
        return evidence if crash is None else [*evidence, crash]

    def skipped(self) -> tuple[Skipped, ...]:
        """What was not watched, and why."""
        return ()

    def errors(self) -> list[str]:
        """Failures of our own while watching."""
        return list(self._tracker.errors)


def _order(finding: Finding) -> tuple[int, str, int]:
    return finding.severity.rank, finding.place.file, finding.place.line
