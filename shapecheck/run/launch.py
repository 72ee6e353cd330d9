"""Start a program in a fresh process under watch, wait for it, and read its report."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

from shapecheck.core.evidence import Skipped
from shapecheck.core.program import Ending, ProgramReport
from shapecheck.core.site import Place
from shapecheck.run.again import confirmed
from shapecheck.source.chapters import is_chapter, read_chapter, remember

_GRACE = 5.0  # seconds a program gets to write its report when its time is over


def launch(
    file: str,
    arguments: Sequence[str] = (),
    *,
    settings: dict[str, Any] | None = None,
    timeout: float | None = None,
    stdout: IO[Any] | int | None = None,
    stderr: IO[Any] | int | None = None,
) -> ProgramReport:
    """Run one file under watch. Its stdin is ours; `stdout` and `stderr` are where its output goes.

    `timeout` is in seconds. Whatever the program does (exits, kills itself, runs on) there is a
    report; what was found before is kept where the program let us write it. A chapter that prints
    something else than it shows is run a second time, unheard, unless `settings` say *update*.
    """
    report = _launch(file, arguments, settings, timeout, stdout, stderr)
    if not is_chapter(file):
        return report
    if not (settings or {}).get("update"):
        unheard = (subprocess.DEVNULL,) * 3
        report = confirmed(report, lambda: _launch(file, arguments, settings, timeout, *unheard))
    if file.endswith(".ipynb"):
        with contextlib.suppress(OSError, ValueError):  # its report says so
            remember(read_chapter(_as_shown(os.path.abspath(file))))
    return report


def _launch(
    file: str,
    arguments: Sequence[str],
    settings: dict[str, Any] | None,
    timeout: float | None,
    stdout: IO[Any] | int | None,
    stderr: IO[Any] | int | None,
    stdin: int | None = None,
) -> ProgramReport:
    with tempfile.TemporaryDirectory(prefix="shapecheck-") as folder:
        report = Path(folder, "report.json")
        request = Path(folder, "request.json")
        asked = {"report": report, "below": Path(folder, "below"), "settings": settings or {}}
        request.write_text(json.dumps(asked, default=str))
        child = [sys.executable, "-P", "-m", "shapecheck.run.child", str(request)]
        streams: dict[str, Any] = {"stdin": stdin, "stdout": stdout, "stderr": stderr}
        with subprocess.Popen([*child, file, *arguments], **streams) as process:
            over = _wait(process, timeout)
        if report.exists():
            return _shown(ProgramReport.from_dict(json.loads(report.read_text(encoding="utf-8"))))
        return _lost(file, process.returncode, over, began=not request.exists())


def _wait(process: subprocess.Popen[Any], timeout: float | None) -> bool:
    """Wait for the end; True where the time was over first."""
    try:
        process.wait(timeout)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGUSR2)
        _end(process)
        return True
    except KeyboardInterrupt:  # the program has got it as well
        _end(process)
        raise
    return False


def _end(process: subprocess.Popen[Any]) -> None:
    try:
        process.wait(_GRACE)
    except subprocess.TimeoutExpired:
        process.kill()


def _shown(report: ProgramReport) -> ProgramReport:
    """Where the exception was raised is shown as the user would name the file."""
    if report.exception is None:
        return report
    file = _as_shown(report.exception.file)
    return replace(report, exception=replace(report.exception, file=file))


def _as_shown(file: str) -> str:
    return file.removeprefix(f"{os.getcwd()}{os.sep}")


def _lost(file: str, code: int, over: bool, *, began: bool) -> ProgramReport:
    """The report on a program that left none; it says so."""
    if not began:
        return ProgramReport(file, "exited", code, ours=("the program could not be started",))
    why = "it was ended by " + signal.Signals(-code).name if code < 0 else "it replaced itself"
    reason = f"{why} and left no report: what was found before is lost"
    outcome: Ending = "timeout" if over else "exited"
    return ProgramReport(file, outcome, code, skipped=(Skipped("", Place(file), reason),))
