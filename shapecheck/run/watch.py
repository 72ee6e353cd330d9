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
from typing import Any, TypeVar

from shapecheck.core.evidence import Skipped
from shapecheck.core.finding import Finding
from shapecheck.core.trace import TraceEvidence
from shapecheck.run import TRIAL_SECONDS
from shapecheck.run.arrays import Arrays
from shapecheck.run.below import Below
from shapecheck.run.beside import cover
from shapecheck.run.comments import Comments
from shapecheck.run.judgement import Judgement
from shapecheck.run.traces import Traces
from shapecheck.runtime.program import WhenImported
from shapecheck.source.units import CodeUnit

T = TypeVar("T")


class Watch:
    """Watches the program of this process from its import of torch to its end."""

    def __init__(self, settings: dict[str, Any], below: str) -> None:
        """`below` is the folder where processes of the program leave what they saw."""
        self._judgement = Judgement(settings, os.getcwd())  # the program may go elsewhere
        self._seconds = float(settings.get("trial_seconds", TRIAL_SECONDS))
        self._session: Any = None
        self._ours: list[str] = []
        self._below = Below(below, lambda: self.comments.evidence())
        self.comments = Comments()
        self.arrays = Arrays()
        self.trace = Traces() if settings.get("trace") else None

    def __enter__(self) -> Watch:
        sys.meta_path.insert(0, WhenImported("torch", self._start))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.trace is not None:
            self.trace.stop()
        self.arrays.stop()
        if self._session is not None:
            self.guarded("stopping to watch", self._session.stop)

    def beside(self, folder: str) -> None:
        """Watch the modules of a folder as well, as the program imports them."""
        cover(folder, self)

    def wants(self, unit: CodeUnit) -> bool:
        """True where there is something to watch in the code of a unit itself."""
        wanted = self.trace is not None or self.comments.wants(unit)
        return wanted or bool(self.guarded("reading", lambda: self.arrays.wants(unit)))

    def rewrite(self, unit: CodeUnit, tree: ast.Module, names: dict[str, Any]) -> None:
        """Put in, in place, whatever watches the program's own code, before it is compiled.

        `names` are the globals that the code will run in.
        """
        self.guarded("reading shape comments", lambda: self.comments.probe(unit, tree, names))
        self.guarded("reading array code", lambda: self.arrays.probe(unit, tree))
        trace = self.trace
        if trace is not None:  # after all others: it looks through their probes
            self.guarded("tracing", lambda: trace.probe(unit, tree))

    def has_calls(self) -> bool:
        """True where calls of the program wait to be tried again, by `try_calls`."""
        session = self._session
        waits = session is not None and self.guarded("looking at calls", session.calls.waiting)
        return bool(waits)

    def try_calls(self) -> None:
        """Try calls of the program again; it has ended, and is watched no more."""
        self.guarded("trying calls again", self._session.calls.conclude)

    def leave(self) -> None:
        """This is a process that the program started, and it ends."""
        self._below.leave()

    def ended(self, error: BaseException | None) -> None:
        """The program has ended, by `error` or without one; torch is still what it was."""
        if self._session is not None and error is not None:
            self.guarded("looking at the exception", lambda: self._session.ended(error))

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
        left = self.guarded("gathering", self._below.gathered) or ()
        pieces = (gathered, *(one.evidence for one in left))
        found = self.guarded("judging", lambda: self._judgement.findings(*pieces)) or ()
        self._ours += [error for one in left for error in one.errors]
        self._ours += [*self.comments.errors(), *self.arrays.errors()]
        self._ours += self.trace.errors() if self.trace is not None else []
        return found, self.shown(skipped), tuple(dict.fromkeys(self._ours))

    def traced(self) -> TraceEvidence | None:
        """What the lines made; None where nobody asked."""
        trace = self.trace
        if trace is None:
            return None
        evidence = self.guarded("tracing", lambda: trace.evidence(self._judgement.shown))
        return evidence if isinstance(evidence, TraceEvidence) else None

    def shown(self, values: tuple[T, ...]) -> tuple[T, ...]:
        """Plain values with their paths as the user would name them."""
        return tuple(self._judgement.shown(value) for value in values)

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
            self._below.watch(self._session)
            self.comments.awaken(self._session)
            self.arrays.awaken(self._session)
            if self.trace is not None:
                self.trace.awaken(self._session)

        self.guarded("starting to watch", start)
