"""Start a program in a fresh process under watch, wait for it, and read its report."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from shapecheck.core.program import ProgramReport

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
    report; what was found before is kept where the program let us write it.
    """
    with tempfile.TemporaryDirectory(prefix="shapecheck-") as folder:
        report = Path(folder, "report.json")
        request = Path(folder, "request.json")
        request.write_text(json.dumps({"report": str(report), "settings": settings or {}}))
        child = [sys.executable, "-P", "-m", "shapecheck.run.child", str(request)]
        with subprocess.Popen([*child, file, *arguments], stdout=stdout, stderr=stderr) as process:
            over = _wait(process, timeout)
        return _read(report, file, process.returncode, over)


def _wait(process: subprocess.Popen[Any], timeout: float | None) -> bool:
    """Wait for the end; True where the time was over first."""
    try:
        process.wait(timeout)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGUSR2)
        try:
            process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            process.kill()
        return True
    except KeyboardInterrupt:
        process.wait(_GRACE)
        raise
    return False


def _read(report: Path, file: str, code: int, over: bool) -> ProgramReport:
    if report.exists():
        return ProgramReport.from_dict(json.loads(report.read_text(encoding="utf-8")))
    if over:
        return ProgramReport(file, "timeout", code)
    why = f"it was ended by {signal.Signals(-code).name}" if code < 0 else "it ended abruptly"
    said = f"{why} and left no report: what was found up to there is lost"
    return ProgramReport(file, "exited", code, ours=() if code < 0 else (said,))
