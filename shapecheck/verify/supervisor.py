"""Keeps a worker at its work: ends it when a mutant loops, starts another when one dies."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from shapecheck.core.ledger import Entry, Ledger
from shapecheck.verify.baseline import as_left_out
from shapecheck.verify.journal import Journal, Reader
from shapecheck.verify.state import State

_POLL = 0.05  # seconds
_MOST_STARTS_WITHOUT_NEWS = 2


class WorkerFailed(RuntimeError):
    """The worker could not do its work; the message says why, as far as it is known."""


class Supervisor:
    """Runs a command that works on a journal, until the journal says that it is done.

    `command` gives the words to start a worker with, for a journal's file; `seconds` says how
    long each test took. `told` is called with the state whenever there is news.
    """

    def __init__(
        self,
        command: Callable[[Path], Sequence[str]],
        seconds: Mapping[str, float],
        told: Callable[[State], None] = lambda state: None,
        cwd: Path | None = None,
    ) -> None:
        self._command = command
        self._seconds = dict(seconds)
        self._told = told
        self._cwd = cwd
        self._state, self._began = State(), time.monotonic()

    def run(self) -> Ledger:
        """The ledger. Raises WorkerFailed. On any exception no worker is left behind."""
        with tempfile.TemporaryDirectory(prefix="shapecheck-") as folder:
            file = Path(folder) / "journal"
            state, reader, idle = self._state, Reader(file), 0
            Journal(file).write("first_run", seconds=self._seconds)
            self._read(state, reader)
            while not state.done:
                error = Path(folder) / "error"
                news = self._one_worker(file, folder, error, state, reader)
                idle = 0 if news else idle + 1
                if state.failed or idle >= _MOST_STARTS_WITHOUT_NEWS:
                    raise WorkerFailed(state.failed or _last_words(error))
        return _ledger(state, time.monotonic() - self._began)

    def so_far(self, reason: str) -> Ledger | None:
        """What a run that was cut short came to, with the reason for the sites it did not get to.

        None where it got to none.
        """
        entries = self._state.entries
        if not entries:
            return None
        rest = Ledger.untried(self._state.sites, reason).entries
        both = tuple(entries.get(number, untried) for number, untried in enumerate(rest))
        return Ledger(both, as_left_out(self._state), time.monotonic() - self._began)

    def _one_worker(
        self, file: Path, folder: str, error: Path, state: State, reader: Reader
    ) -> bool:
        """Follow one worker to its end. True if it got anywhere."""
        environment = {**os.environ, "HYPOTHESIS_STORAGE_DIRECTORY": f"{folder}/hypothesis"}
        news = False
        with error.open("w") as words:
            process = subprocess.Popen(
                list(self._command(file)),
                stdin=subprocess.DEVNULL,
                stdout=words,
                stderr=subprocess.STDOUT,
                cwd=self._cwd,
                env=environment,
            )
            try:
                news, how = self._follow(process, state, reader)
            finally:
                process.kill()
                process.wait()
                last = self._read(state, reader)
        news = last or news
        if state.doing is not None and not state.done:
            Journal(file).write("died", how=how)
            self._read(state, reader)
        return news

    def _follow(
        self, process: subprocess.Popen[bytes], state: State, reader: Reader
    ) -> tuple[bool, str]:
        news, since = False, time.monotonic()
        while process.poll() is None:
            if self._read(state, reader):
                news, since = True, time.monotonic()
            if state.limit is not None and time.monotonic() - since > state.limit:
                return True, f"it did not end within {state.limit:.0f} s"
            if not state.done:
                time.sleep(_POLL)
        news = self._read(state, reader) or news  # its last lines, if it was quicker than we
        return news, _ended(process.returncode)

    def _read(self, state: State, reader: Reader) -> bool:
        news = False
        for line in reader.news():
            state.take(line)
            news = True
        if news:
            self._told(state)
        return news


def _ended(code: int) -> str:
    if code < 0:
        return f"the process was ended by signal {-code}"
    return f"the process exited with status {code}"


def _last_words(error: Path) -> str:
    lines = error.read_text(encoding="utf-8", errors="replace").splitlines()
    said = "\n".join(lines[-15:]) or "it said nothing"
    return f"the process that verifies did not get to work:\n{said}"


def _ledger(state: State, seconds: float) -> Ledger:
    entries: list[Entry] = [state.entries[number] for number in sorted(state.entries)]
    return Ledger(tuple(entries), as_left_out(state), seconds)
