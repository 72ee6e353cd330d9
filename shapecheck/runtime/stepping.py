"""A debugger that steps through the user's code passes over ours: from the call to the function.

`pdb` (any `bdb.Bdb`) can be told modules to skip; it still stops in what they call. The judge
calls other libraries as well, so a judgement is not traced at all while a debugger steps.
"""

from __future__ import annotations

import atexit
import sys
import weakref
from types import TracebackType
from typing import Any

_SKIPPED = ("shapecheck.*", "torch.compiler")  # the last is what each wrapper asks first


def pass_over(debugger: Any) -> None:
    """Have a `bdb.Bdb` stop in no frame of ours. Breakpoints set there count all the same."""
    if not set(_SKIPPED) <= set(debugger.skip or ()):
        debugger.skip = {*(debugger.skip or ()), *_SKIPPED}
        atexit.register(_forget, weakref.ref(debugger))


def _forget(debugger: weakref.ref[Any]) -> None:
    """Bdb looks at names with a module that is gone when the interpreter ends."""
    found = debugger()
    if found is not None:
        found.skip = None


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
