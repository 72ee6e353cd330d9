"""The process in which one program runs: `python -m shapecheck.run.child REQUEST FILE ARGS…`.

REQUEST is a JSON file with the settings of the run and the path where the report is written.
The report is written when the program has ended, its own exit handlers included; also when it
ends by `os._exit`, and when the parent says that its time is over (SIGUSR2).
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from shapecheck.core.evidence import Skipped
from shapecheck.core.program import Ending, ProgramReport
from shapecheck.core.site import Place
from shapecheck.run.chapter import ChapterRun
from shapecheck.run.script import body_of
from shapecheck.run.watch import Watch
from shapecheck.runtime.program import Outcome, run_as_main

TIMEOUT = 124  # the exit code that `timeout` uses


class _Child:
    def __init__(self, request: dict[str, Any], file: str) -> None:
        self._target = Path(request["report"])
        self._file = file
        self._watch = Watch(request.get("settings", {}), request["below"])
        self._chapter: ChapterRun | None = None
        self._outcome: Outcome | None = None
        self._cut_short = False
        self._process = os.getpid()
        self._exit = os._exit

    def run(self, arguments: list[str]) -> int:
        atexit.register(self._write)
        os._exit = self._exit_now
        signal.signal(signal.SIGUSR2, self._time_is_over)
        with self._watch:
            body = self._watch.guarded("reading", lambda: body_of(self._file, self._watch))
            self._chapter = body if isinstance(body, ChapterRun) else None
            self._outcome = run_as_main(self._file, arguments, body)
        self._watch.ended(self._outcome.error)
        self._try_calls()
        return self._outcome.exit_code

    def _try_calls(self) -> None:
        """What the program did is reported first: our own trials may be ended from outside."""
        if os.getpid() == self._process and self._watch.has_calls():
            self._write()
            with contextlib.suppress(KeyboardInterrupt):
                self._watch.try_calls()

    def _exit_now(self, status: int) -> NoReturn:
        """`os._exit` of the program itself; worker processes that it forked just exit."""
        if os.getpid() == self._process:
            self._outcome = Outcome("exited", status)
            self._cut_short = True
            self._write()
        else:
            self._watch.leave()
        self._exit(status)

    def _time_is_over(self, number: int, frame: FrameType | None) -> None:
        """Write what was found so far and end, whatever the program is in the middle of."""
        try:
            if os.getpid() == self._process and not self._target.exists():
                self._outcome = Outcome("timeout", TIMEOUT)
                self._cut_short = True
                self._write()
                _end_workers()
            with contextlib.suppress(Exception):  # the program may be in the middle of a write
                sys.stdout.flush()
        finally:
            self._exit(TIMEOUT)

    def _write(self) -> None:
        if os.getpid() != self._process:  # one that the program forked
            self._watch.leave()
            return
        report = self._report(self._outcome or Outcome("exited", 1))
        if self._outcome is None:  # only our own code can leave without one
            report = replace(report, ours=(*report.ours, "shapecheck failed, see above"))
        partial = self._target.with_suffix(".partial")
        partial.write_text(json.dumps(report.to_dict()), encoding="utf-8")
        partial.replace(self._target)

    def _report(self, outcome: Outcome) -> ProgramReport:
        ending: Ending = outcome.ending
        chapter = self._chapter
        own = (chapter.evidence(), chapter.left_out()) if chapter is not None else ((), ())
        findings, skipped, ours = self._watch.conclude(outcome.error, *own)
        if self._cut_short and self._watch.has_calls():
            how = "its time was over" if ending == "timeout" else "it left by os._exit"
            reason = f"no call is tried again: {how}, so that laws are not held"
            skipped += (Skipped("", Place(self._file), reason),)
        return ProgramReport(
            self._file,
            ending,
            outcome.exit_code,
            outcome.exception,
            findings,
            skipped,
            ours,
            parts=self._watch.shown(chapter.reports()) if chapter is not None else (),
            trace=self._watch.traced(),
        )


def _end_workers() -> None:
    """The program's worker processes would wait for it for ever."""
    processes = sys.modules.get("multiprocessing")
    for worker in processes.active_children() if processes is not None else ():
        worker.kill()


def main() -> int:
    """Run the program named on the command line; its exit code is ours."""
    paper = Path(sys.argv[1])
    request = json.loads(paper.read_text(encoding="utf-8"))
    paper.unlink()  # says that the program's run has begun
    return _Child(request, sys.argv[2]).run(sys.argv[3:])


if __name__ == "__main__":
    sys.exit(main())
