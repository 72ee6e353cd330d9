"""Processes that a program starts, forked or spawned: each leaves what it saw for its parent.

A forked process goes on with our tracker on its stack; what it had seen before is its parent's.
One that multiprocessing spawns begins anew, and is told to watch by what it is sent to prepare
itself. Neither calls anything again: after a fork, torch's threads may wait for ever.
"""

from __future__ import annotations

import atexit
import builtins
import contextlib
import functools
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from shapecheck.runtime.program import WhenImported
from shapecheck.runtime.running.failures import after_failures
from shapecheck.runtime.running.offspring import Leaving, Left, gather

_BEGIN = """
try:
    from shapecheck.run.below import begin
    begin(folder)
except Exception:
    pass
"""


class Below:
    """Has the processes below this one leave what they see in a folder."""

    def __init__(self, folder: str, beside: Callable[[], list[object]] = list) -> None:
        """`beside` is what a forked process saw beside its tracker."""
        self._folder = folder
        self._beside = beside
        self._session: Any = None
        self._leaving: Leaving | None = None
        self._crashes: list[object] = []

    def watch(self, session: Any) -> None:
        """From now on: torch is there, and this is what tracks."""
        self._session = session
        self._begin_here()  # where this is a process below, which imported torch by itself
        os.register_at_fork(after_in_child=self._forked)
        _send_along(self._folder)

    def gathered(self) -> list[Left]:
        """What was left so far."""
        return gather(Path(self._folder))

    def begin(self) -> None:
        """This process is one below."""
        self._leaving = Leaving(Path(self._folder))
        after_failures(self._failed)

    def leave(self) -> None:
        """This process, one below, ends."""
        session, leaving = self._session, self._leaving
        if session is None or leaving is None:
            return
        with contextlib.suppress(Exception):
            evidence = (*session.evidence(None), *self._crashes, *self._beside())
            leaving.whole(Left(evidence, tuple(session.errors())))

    def _forked(self) -> None:
        with contextlib.suppress(Exception):
            self.begin()
            self._begin_here()

    def _begin_here(self) -> None:
        if self._session is not None and self._leaving is not None:
            self._session.begin_below(self._leaving.note)

    def _failed(self, error: BaseException) -> None:
        """What ended the work of this process, or of one call that a parent asked for."""
        if self._session is not None and self._leaving is not None:
            crash = self._session.crash_below(error)
            if crash is not None:
                self._crashes.append(crash)
                self._leaving.note(crash)


def _send_along(folder: str) -> None:
    """Have every process that multiprocessing spawns begin to watch before it does anything."""
    from multiprocessing import spawn

    preparing: Any = spawn.get_preparation_data
    if hasattr(preparing, "__wrapped__"):
        return

    @functools.wraps(preparing)
    def get_preparation_data(*args: Any, **kwargs: Any) -> dict[str, Any]:
        data: dict[str, Any] = preparing(*args, **kwargs)
        return {**data, "shapecheck": _Beginning(folder)}

    spawn.get_preparation_data = get_preparation_data


class _Beginning:
    """Unpickled, it begins to watch; where shapecheck cannot be imported, it is nothing."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def __reduce__(self) -> tuple[Any, ...]:
        return builtins.exec, (_BEGIN, {"folder": self._folder})


def begin(folder: str) -> None:
    """Watch this process, which was spawned, from its import of torch to its end."""
    below = Below(folder)
    below.begin()
    exits = os._exit

    def leave_and_exit(status: int) -> NoReturn:
        below.leave()
        exits(status)

    def start() -> None:
        from shapecheck.check.session import Session

        session = Session()
        session.start()
        below.watch(session)

    os._exit = leave_and_exit
    atexit.register(below.leave)
    if "torch" in sys.modules:
        start()
    else:
        sys.meta_path.insert(0, WhenImported("torch", start))
