"""Ends what runs too long, by the processor's time: how busy the machine is decides nothing."""

from __future__ import annotations

import ctypes
import threading
import time
from _thread import get_ident
from collections.abc import Callable

_WAITS = 10  # code that waits (sleeps, locks) may take so many times longer on the wall


class TooLongError(BaseException):
    """A replay ran past its time."""


class Watchdog:
    """Ends Python code that runs too long in the thread that made it. Close it after use.

    It looks at the clocks twenty times a second: waking it at every replay would cost more than
    most replays do.
    """

    def __init__(self) -> None:
        self._deadlines: tuple[float, float] | None = None
        self._turn = threading.Lock()
        self._closed = threading.Event()
        self._target = get_ident()
        self._spent = clock_of_this_thread()
        self._thread = threading.Thread(target=self._run, name="shapecheck-watchdog", daemon=True)
        self._thread.start()

    def arm(self, seconds: float) -> None:
        """Raise TooLongError in the watched thread after so many seconds of the processor."""
        with self._turn:
            self._deadlines = (self._spent() + seconds, time.monotonic() + _WAITS * seconds)

    def disarm(self) -> None:
        """Leave the watched thread alone. An exception on its way arrives here and ends here."""
        while True:
            try:
                with self._turn:
                    self._deadlines = None
            except TooLongError:
                continue
            return

    def close(self) -> None:
        """End the watching thread."""
        self.disarm()
        self._closed.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._closed.wait(0.05):
            with self._turn:
                if self._deadlines is not None and self._past(*self._deadlines):
                    # Again and again, should a bare `except` have swallowed it, or should it have
                    # come where Python cannot raise: a callback of a weak reference.
                    _raise_in(self._target, TooLongError)

    def _past(self, spent: float, wall: float) -> bool:
        return self._spent() > spent or time.monotonic() > wall


def clock_of_this_thread() -> Callable[[], float]:
    """A clock that any thread can read: seconds of the processor that this thread has used.

    On systems that do not tell one thread of another (all but Linux and its like), the time on
    the wall.
    """
    clock_id = getattr(time, "pthread_getcpuclockid", None)
    if clock_id is None:
        return time.monotonic
    try:
        mine = clock_id(get_ident())
        time.clock_gettime(mine)
    except OSError:
        return time.monotonic
    return lambda: time.clock_gettime(mine)


def _raise_in(thread: int, error: type[BaseException]) -> None:
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(error))
