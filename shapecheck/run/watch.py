"""Watch the program of this process, from its import of torch to its end.

torch is imported by the program, not by us: watching starts when the program has imported it.
"""

from __future__ import annotations

import ast
import os
import sys
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import Any

from shapecheck.core.evidence import Skipped
from shapecheck.core.finding import Finding
from shapecheck.run.comments import Comments
from shapecheck.run.judgement import Judgement
from shapecheck.runtime.program import WhenImported
from shapecheck.source.units import CodeUnit

TRIAL_SECONDS = 5.0  # of the processor, for the calls that are tried again


class Watch:
    """Watches the program of this process from its import of torch to its end."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self._judgement = Judgement(settings, os.getcwd())  # the program may go elsewhere
        self._seconds = float(settings.get("trial_seconds", TRIAL_SECONDS))
        self._session: Any = None
        self._ours: list[str] = []
        self.comments = Comments(self.guarded)

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
            self.guarded("stopping to watch", self._session.stop)

    def rewrite(self, unit: CodeUnit, tree: ast.Module, names: dict[str, Any]) -> None:
        """Put in, in place, whatever watches the program's own code, before it is compiled.

        `names` are the globals that the code will run in.
        """
        self.guarded("reading shape comments", lambda: self.comments.probe(unit, tree, names))

    def has_calls(self) -> bool:
        """True where calls of the program wait to be tried again, by `try_calls`."""
        session = self._session
        waits = session is not None and self.guarded("looking at calls", session.calls.waiting)
        return bool(waits)

    def try_calls(self) -> None:
        """Try calls of the program again; it has ended, and is watched no more."""
        self.guarded("trying calls again", self._session.calls.conclude)

    def conclude(
        self,
        error: BaseException | None,
        evidence: tuple[object, ...] = (),
        left_out: tuple[Skipped, ...] = (),
    ) -> tuple[tuple[Finding, ...], tuple[Skipped, ...], tuple[str, ...]]:
        """Findings, what was skipped, and failures of our own.

        `error` is what ended the run; `evidence` and `left_out` are what the program's own form
        (a chapter, a notebook) adds.
        """
        gathered = [*evidence, *(self.guarded("gathering", self.comments.evidence) or ())]
        skipped = left_out
        if self._session is not None:
            gathered += self.guarded("gathering", lambda: self._session.evidence(error)) or ()
            skipped += self.guarded("saying what was skipped", self._session.skipped) or ()
            self._ours += self._session.errors()
        found = self.guarded("judging", lambda: self._judgement.findings(gathered)) or ()
        shown = tuple(self._judgement.shown(entry) for entry in skipped)
        self._ours += self.comments.errors()
        return found, shown, tuple(dict.fromkeys(self._ours))

    def guarded(self, doing: str, step: Callable[[], Any]) -> Any:
        """Our own failure is kept for the report and does not reach the program."""
        try:
            return step()
        except Exception:
            self._ours.append(f"shapecheck failed while {doing}.\n{traceback.format_exc()}")
            return None

    def _start(self) -> None:
        def start() -> None:
            from shapecheck.check.session import Session

            self._session = Session(self._seconds)
            self._session.start()
            self.comments.awaken()

        self.guarded("starting to watch", start)
