"""What a program computes in other threads and processes: how far the tracker sees it.

Notes that they were started, by hooks that Python offers for it, and by which code of the user's.
"""

from __future__ import annotations

import os
import sys
import threading
import traceback
from collections.abc import Callable
from types import CodeType, FrameType
from typing import Any

from shapecheck.core.evidence import Skipped
from shapecheck.core.site import Place
from shapecheck.runtime.blame import caller
from shapecheck.runtime.ownership import is_programs

_POOL = os.path.join("concurrent", "futures", "thread.py")


class Elsewhere:
    """Notes threads and forks from `start` to `stop`, each kind once a place."""

    def __init__(self) -> None:
        self.errors: list[str] = []
        self._found: dict[Skipped, None] = {}
        self._process = os.getpid()
        self._thread = 0
        self._on = False

    def start(self) -> None:
        """Begin to note. A debugger's or profiler's own hook on threads is left in place."""
        self._on = True
        self._thread = threading.get_ident()
        os.register_at_fork(after_in_parent=self._forked)
        if threading.gettrace() is None:
            threading.settrace(self._begun)

    def stop(self) -> None:
        """Note nothing more."""
        self._on = False
        if threading.gettrace() == self._begun:
            threading.settrace(None)

    def skipped(self) -> tuple[Skipped, ...]:
        """What ran elsewhere."""
        return tuple(self._found)

    def _forked(self) -> None:
        if self._on and os.getpid() == self._process:
            self._note(lambda: _process(watched=threading.get_ident() == self._thread))

    def _begun(self, frame: FrameType, event: str, argument: Any) -> None:
        """Called once in each new thread, with the first function that runs in it."""
        sys.settrace(None)
        self._note(lambda: _thread(frame))

    def _note(self, what: Callable[[], Skipped | None]) -> None:
        """These are hooks in the middle of the program: whatever fails in them stays here."""
        try:
            found = what()
        except Exception:
            self.errors.append(
                f"shapecheck failed at a new thread or process.\n{traceback.format_exc()}"
            )
        else:
            if found is not None:
                self._found[found] = None


def _process(*, watched: bool) -> Skipped:
    """A forked process goes on with the tracker where the thread that is watched forked it."""
    place = caller(5)
    how = "is watched, but no call in it is tried again" if watched else "is not watched"
    return Skipped(place.function, place, f"the process started at {place} {how}")


def _thread(frame: FrameType) -> Skipped | None:
    """What a thread runs, where it is the user's or a pool's; the libraries' own are passed by."""
    target = getattr(frame.f_locals.get("self"), "_target", None)
    code: CodeType = getattr(target, "__code__", frame.f_code)
    place = Place(code.co_filename, code.co_firstlineno, function=code.co_qualname)
    if is_programs(place.file):
        reason = f"the thread that runs {place.function} ({place}) is not watched"
        return Skipped(place.function, place, reason)
    if place.file.endswith(_POOL):
        return Skipped("", Place(""), "what a pool of threads ran is not watched")
    return None
