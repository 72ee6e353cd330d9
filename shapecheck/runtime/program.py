"""Run a file as Python would run it, and note how it ends.

Imports nothing but the standard library: a program may set environment variables that torch
reads when it is first imported, so torch must not be imported before the program does it.
"""

from __future__ import annotations

import builtins
import importlib.abc
import importlib.machinery
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, ModuleType, TracebackType

from shapecheck.core.program import Ending, Raised

_OURS = str(Path(__file__).resolve().parent.parent)


@dataclass
class Outcome:
    """How a program ended. `error` is kept until the evidence in its traceback is gathered."""

    ending: Ending
    exit_code: int = 0
    exception: Raised | None = None
    error: BaseException | None = None


def run_as_main(path: str, arguments: Sequence[str], code: CodeType | None = None) -> Outcome:
    """Run a file as `python path arguments…` would: `__main__`, sys.argv, sys.path[0].

    `code` replaces what the file compiles to (an instrumented version of the same source). An
    exception is printed by `sys.excepthook`, without frames of ours, and never leaves this
    function.
    """
    sys.argv = [path, *arguments]
    sys.path.insert(0, str(Path(path).resolve().parent))
    try:
        exec(code or _compiled(path), vars(_main_module(path)))
    except SystemExit as error:
        return _exited(error)
    except BaseException as error:
        return _raised(error)
    return Outcome("completed")


def _compiled(path: str) -> CodeType:
    code: CodeType = compile(Path(path).read_bytes(), os.fspath(path), "exec", dont_inherit=True)
    return code


def _main_module(path: str) -> ModuleType:
    """A fresh `__main__`, in sys.modules, as pickling and multiprocessing expect it."""
    module = ModuleType("__main__")
    module.__file__ = str(Path(path).resolve())
    vars(module).update(__builtins__=builtins, __cached__=None)  # as Python gives a script
    module.__loader__ = importlib.machinery.SourceFileLoader("__main__", module.__file__)
    sys.modules["__main__"] = module
    return module


def _exited(error: SystemExit) -> Outcome:
    """As the interpreter does: None is 0, a number is itself, anything else is printed and 1."""
    if error.code is None or isinstance(error.code, int):
        return Outcome("exited", error.code or 0)
    sys.stderr.write(f"{error.code}\n")
    return Outcome("exited", 1)


def _raised(error: BaseException) -> Outcome:
    trace = without_frames_of_ours(error.__traceback__)
    sys.excepthook(type(error), error.with_traceback(trace), trace)
    code = 130 if isinstance(error, KeyboardInterrupt) else 1
    last = traceback.extract_tb(trace)[-1:] if trace is not None else []
    place = (last[0].filename, last[0].lineno or 0) if last else ("", 0)
    if isinstance(error, SyntaxError):
        place = (error.filename or "", error.lineno or 0)
    message = "".join(traceback.format_exception_only(error)).strip()
    raised = Raised(type(error).__name__, message.partition(": ")[2] or message, *place)
    return Outcome("raised", code, raised, error)


def without_frames_of_ours(trace: TracebackType | None) -> TracebackType | None:
    """The traceback from the program's first line on, as Python itself would show it."""
    while trace is not None and trace.tb_frame.f_code.co_filename.startswith(_OURS):
        trace = trace.tb_next
    return trace


class WhenImported(importlib.abc.MetaPathFinder):
    """Calls `then` once, right after a module has been imported by somebody else."""

    def __init__(self, name: str, then: Callable[[], None]) -> None:
        self._name = name
        self._then = then

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> importlib.machinery.ModuleSpec | None:
        """The spec of the module awaited, its loader followed by `then`; None for any other."""
        if fullname != self._name:
            return None
        sys.meta_path.remove(self)
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _Followed(spec.loader, self._then)
        return spec


class _Followed(importlib.abc.Loader):
    """Another loader, followed by a call; afterwards the module has its own loader back."""

    def __init__(self, loader: importlib.abc.Loader, then: Callable[[], None]) -> None:
        self._loader = loader
        self._then = then

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        """As the loader itself does."""
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        """Import, then call."""
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        module.__loader__ = self._loader
        self._loader.exec_module(module)
        self._then()
