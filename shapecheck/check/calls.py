"""Laws without annotations: the calls a program made with samples, tried when it has ended."""

from __future__ import annotations

import gc
import sys
import threading
import time
from collections.abc import Iterable

from shapecheck.core.evidence import Skipped, Trial
from shapecheck.runtime.ownership import is_programs
from shapecheck.runtime.tracker import Tracker
from shapecheck.runtime.trials.bench import ProbeSettings
from shapecheck.runtime.trials.outermost import Kept, Outermost
from shapecheck.runtime.trials.watched import Watched, carriers_of
from shapecheck.runtime.watchdog import Watchdog

_RUN_ANYTHING = ("threading", "concurrent.", "multiprocessing.pool", "multiprocessing.dummy")
_MOST_FOR_ONE = 1.0  # seconds of the processor for the trials of one call
_SLOW = 0.1  # seconds of the processor that a call may take to be tried again and again
_WAITS = 5.0  # seconds on the wall that it may take; a busy machine must not decide what is found


class Calls:
    """The calls of one program. `seconds` of the processor is what trying them may cost in all."""

    def __init__(self, tracker: Tracker, seconds: float) -> None:
        self.trials: list[Trial] = []
        self._skipped: dict[Skipped, None] = {}
        self._left = seconds
        self._tracker = tracker
        self._settings = ProbeSettings(
            most_bytes=128 << 20, most_seconds=_SLOW, budget=_MOST_FOR_ONE, samples=8
        )
        self._outermost = Outermost(tracker, self._settings, seconds)
        if seconds > 0:
            tracker.observer = self._outermost

    def waiting(self) -> bool:
        """True where there is something to try."""
        return any(map(_worth_it, self._outermost.kept))

    def conclude(self) -> None:
        """Try what was kept. The program has ended, and nothing here reaches what is left of it.

        Modules come before functions, first kinds of call before others, and those met first before
        those met later.
        """
        kept, self._outermost.kept = self._outermost.kept, []
        kept = [one for one in kept if _worth_it(one)]
        if not kept:
            return
        if any(_of_the_program(thread) for thread in threading.enumerate()):
            self._skip(kept, "other threads of the program still run")
            return
        collects = gc.isenabled()
        gc.disable()  # what the program left behind is finalised when Python ends, as ever
        try:
            kept.sort(key=lambda one: (one.within != "module", one.nth))
            self._try(kept)
        finally:
            if collects:
                gc.enable()

    def skipped(self) -> tuple[Skipped, ...]:
        """What was not tried, and why."""
        return (*self._outermost.skipped, *self._skipped)

    def _try(self, kept: list[Kept]) -> None:
        watchdog = Watchdog()
        try:
            for at, one in enumerate(kept):
                if self._left <= 0:
                    self._skip(kept[at:], "no time was left")
                    return
                started = time.thread_time()
                self._one(one, watchdog)
                self._left -= time.thread_time() - started
        finally:
            watchdog.close()

    def _one(self, kept: Kept, watchdog: Watchdog) -> None:
        processor, wall = kept.seconds
        if processor > 5 * _SLOW or wall > _WAITS:
            self._skip([kept], f"it takes more than {_SLOW:g} s")
            return
        for piece in Watched(kept, carriers_of(kept), self._settings, watchdog).trials():
            if isinstance(piece, Trial):
                self.trials.append(piece)
            else:
                self._skipped.setdefault(piece)

    def _skip(self, kept: Iterable[Kept], why: str) -> None:
        for one in kept:
            said = f"{one.call.name} is not tried again: {why}"
            self._skipped.setdefault(Skipped(one.call.name, one.call.place, said))


def _worth_it(kept: Kept) -> bool:
    return (kept.returned or kept.within == "function") and bool(carriers_of(kept))


def _of_the_program(thread: threading.Thread) -> bool:
    """A thread that may look at what a replay exchanges: one that runs code of the user's."""
    if thread in (threading.current_thread(), threading.main_thread()):
        return False
    runs = getattr(thread, "_target", None) or type(thread)
    module = str(getattr(runs, "__module__", None) or "")
    file = getattr(sys.modules.get(module), "__file__", None)
    return module.startswith(_RUN_ANYTHING) or file is None or is_programs(file)
