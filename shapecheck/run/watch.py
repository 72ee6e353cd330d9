"""Watch the program of this process, from its import of torch to its end.

torch is imported by the program, not by us: watching starts when the program has imported it.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable
from types import CodeType, TracebackType
from typing import Any

from shapecheck.core.evidence import Skipped
from shapecheck.core.finding import Finding
from shapecheck.runtime.program import WhenImported


class Watch:
    """Watches the program of this process from its import of torch to its end."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self._settings = settings
        self._root = os.getcwd()  # the program may go elsewhere
        self._session: Any = None
        self._ours: list[str] = []

    def __enter__(self) -> Watch:
        sys.meta_path.insert(0, WhenImported("torch", self._start))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._session is not None:
            self._guarded("stopping to watch", self._session.stop)

    def code(self) -> CodeType | None:
        """The program's code where it has to be instrumented; None to run the file as it is."""
        return None

    def conclude(
        self, error: BaseException | None
    ) -> tuple[tuple[Finding, ...], tuple[Skipped, ...], tuple[str, ...]]:
        """Findings, what was skipped, and failures of our own. `error` is what ended the run."""
        findings: tuple[Finding, ...] = ()
        skipped: tuple[Skipped, ...] = ()
        if self._session is not None:
            found = self._guarded("judging", lambda: self._session.findings(error))
            findings = found or ()
            skipped = self._guarded("saying what was skipped", self._session.skipped) or ()
            self._ours += self._session.errors()
        return findings, skipped, tuple(dict.fromkeys(self._ours))

    def _start(self) -> None:
        def start() -> None:
            from shapecheck.check.session import Session

            self._session = Session(self._settings, self._root)
            self._session.start()

        self._guarded("starting to watch", start)

    def _guarded(self, doing: str, step: Callable[[], Any]) -> Any:
        """Our own failure is kept for the report and does not reach the program."""
        try:
            return step()
        except Exception:
            self._ours.append(f"shapecheck failed while {doing}.\n{traceback.format_exc()}")
            return None
