"""One watched program once torch is there: what runtime gathers and what rules make of it."""

from __future__ import annotations

from typing import Any

from shapecheck.core.evidence import Skipped
from shapecheck.core.finding import Finding
from shapecheck.rules import judge
from shapecheck.runtime.crash import gather_crash


class Session:
    """Watches from `start` to `stop`; `findings` judges what was gathered."""

    def __init__(self, file: str, settings: dict[str, Any]) -> None:
        self._file = file
        self._settings = settings

    def start(self) -> None:
        """Begin to watch, in the thread that calls."""

    def stop(self) -> None:
        """End watching; nothing of ours stays in the program's way."""

    def findings(self, error: BaseException | None) -> tuple[Finding, ...]:
        """What the rules find, most severe first, in the order of the lines."""
        evidence: list[object] = []
        if error is not None and (crash := gather_crash(error)) is not None:
            evidence.append(crash)
        found = {(f.slug, f.place.file, f.place.line): f for f in judge(evidence)}
        return tuple(sorted(found.values(), key=lambda f: (f.severity.rank, f.place.line)))

    def skipped(self) -> tuple[Skipped, ...]:
        """What was not watched, and why."""
        return ()

    def errors(self) -> list[str]:
        """Failures of our own while watching."""
        return []
