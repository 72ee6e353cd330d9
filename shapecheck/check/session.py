"""One watched program once torch is there: what runtime gathers of it for the rules."""

from __future__ import annotations

from shapecheck.core.evidence import Skipped
from shapecheck.runtime.crash import gather_crash
from shapecheck.runtime.running.elsewhere import Elsewhere
from shapecheck.runtime.tracker import Tracker


class Session:
    """Watches from `start` to `stop`; `evidence` is what was gathered."""

    def __init__(self) -> None:
        self._tracker = Tracker()
        self._elsewhere = Elsewhere()

    def start(self) -> None:
        """Begin to watch, in the thread that calls."""
        self._elsewhere.start()
        self._tracker.__enter__()

    def stop(self) -> None:
        """End watching; nothing of ours stays in the program's way."""
        self._tracker.__exit__(None, None, None)
        self._elsewhere.stop()

    def evidence(self, error: BaseException | None) -> list[object]:
        """Everything the rules may judge. `error` is what ended the program."""
        evidence: list[object] = list(self._tracker.facts())
        crash = gather_crash(error) if error is not None else None
        return evidence if crash is None else [*evidence, crash]

    def skipped(self) -> tuple[Skipped, ...]:
        """What was not watched, and why."""
        return self._elsewhere.skipped()

    def errors(self) -> list[str]:
        """Failures of our own while watching."""
        return [*self._tracker.errors, *self._elsewhere.errors]
