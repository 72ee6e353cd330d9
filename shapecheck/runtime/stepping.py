"""A debugger that steps through the user's code passes over ours: from the call to the function.

`pdb` (any `bdb.Bdb`) is told where not to stop; it still stops in what is called from there. The
judge calls other libraries as well, so a judgement is not traced at all while a debugger steps.
"""

from __future__ import annotations

import atexit
import functools
import sys
import weakref
from types import FrameType, TracebackType
from typing import Any

import torch

from shapecheck.runtime.ownership import is_ours

_ASKED = torch.compiler.is_dynamo_compiling.__code__.co_filename  # what each wrapper asks first


def pass_over(debugger: Any) -> None:
    """Have a `bdb.Bdb` stop in no frame of ours. Breakpoints set there count all the same.

    Its own `skip` goes by names of modules, which written code cannot have: dynamo would look
    there for what the code names.
    """
    if "stop_here" not in vars(debugger):
        known = weakref.ref(debugger)
        debugger.stop_here = functools.partial(_stops_here, known)
        atexit.register(_forget, known)


def _stops_here(known: weakref.ref[Any], frame: FrameType) -> bool:
    file, debugger = frame.f_code.co_filename, known()
    if debugger is None or is_ours(file) or file == _ASKED:
        return False
    return bool(type(debugger).stop_here(debugger, frame))


def _forget(known: weakref.ref[Any]) -> None:
    """What we would ask for may be gone when the interpreter ends."""
    debugger = known()
    if debugger is not None:
        vars(debugger).pop("stop_here", None)


class Untraced:
    """`with Untraced():` what runs inside is not shown to a debugger that traces this thread.

    Tracers that are no debuggers (coverage) see everything.
    """

    __slots__ = ("_trace",)

    def __enter__(self) -> None:
        trace = sys.gettrace()
        debugger = _debugger(trace)
        if debugger is None:
            self._trace: Any = None
            return
        self._trace = trace
        pass_over(debugger)
        sys.settrace(None)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._trace is not None:
            sys.settrace(self._trace)


def _debugger(trace: object) -> Any:
    """The debugger whose trace function this is."""
    bdb = sys.modules.get("bdb")
    owner = getattr(trace, "__self__", None)
    return owner if bdb is not None and isinstance(owner, bdb.Bdb) else None
