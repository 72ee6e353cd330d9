"""What fails in a process that multiprocessing started, where it is caught and told in words.

Imports nothing but the standard library (see `runtime.program`).
"""

from __future__ import annotations

import contextlib
import functools
import multiprocessing.process
import sys
from collections.abc import Callable
from typing import Any

from shapecheck.runtime.running.traces import clean

Note = Callable[[BaseException], None]


def after_failures(note: Note) -> None:
    """Hear of what ends this process' work, before it is told; the telling shows no frame of ours.

    This process is one that multiprocessing started, or may be: it is changed for good.
    """

    def noted(error: BaseException) -> None:
        with contextlib.suppress(Exception):
            clean(error)
            note(error)

    _of_processes(noted)
    _of_workers(noted)


def _of_processes(noted: Note) -> None:
    process: Any = multiprocessing.process.BaseProcess
    bootstrap = process._bootstrap

    @functools.wraps(bootstrap)
    def _bootstrap(self: Any, *args: Any, **kwargs: Any) -> Any:
        self.run = _heard(self.run, noted)
        return bootstrap(self, *args, **kwargs)

    process._bootstrap = _bootstrap


def _heard(run: Callable[[], Any], noted: Note) -> Callable[[], Any]:
    def heard() -> Any:
        try:
            return run()
        except Exception as error:
            noted(error)
            raise

    return heard


def _of_workers(noted: Note) -> None:
    """What fails in a worker of a DataLoader is written down there, and raised by the loader."""
    wrapper: Any = getattr(sys.modules.get("torch._utils"), "ExceptionWrapper", None)
    if wrapper is None:
        return
    making = wrapper.__init__

    @functools.wraps(making)
    def __init__(self: Any, exc_info: Any = None, *args: Any, **kwargs: Any) -> None:
        kind, error, trace = exc_info or sys.exc_info()
        if error is not None:
            noted(error)
            trace = error.__traceback__
        making(self, (kind, error, trace), *args, **kwargs)

    wrapper.__init__ = __init__
