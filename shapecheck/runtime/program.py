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
import sysconfig
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from shapecheck.core.program import Ending, Raised
from shapecheck.runtime.running.traces import clean

Body = Callable[[dict[str, Any]], None]


@dataclass
class Outcome:
    """How a program ended. `error` is kept until the evidence in its traceback is gathered."""

    ending: Ending
    exit_code: int = 0
    exception: Raised | None = None
    error: BaseException | None = None


def run_as_main(path: str, arguments: Sequence[str], body: Body | None = None) -> Outcome:
    """Run a file as `python path arguments…` would: `__main__`, sys.argv, sys.path[0].

    `body` runs in the place of the file's own code, in the names of `__main__` (the same source
    with probes in it, the blocks of a chapter). An exception is printed by `sys.excepthook`,
    without frames of ours, and never leaves this function.
    """
    sys.argv = [path, *arguments]
    sys.path.insert(0, str(Path(path).resolve().parent))
    error = _run(path, body)  # handled outside of any `except`: its hook sees no other exception
    if error is None:
        return Outcome("completed")
    return _exited(error) if isinstance(error, SystemExit) else _raised(error)


def _run(path: str, body: Body | None) -> BaseException | None:
    try:
        names = vars(_main_module(path))
        if body is None:
            exec(_compiled(path), names)
        else:
            body(names)
    except BaseException as error:
        return error
    return None


def _compiled(path: str) -> CodeType:
    """The code of a file; tracebacks name it by its absolute path, as for any script."""
    source = Path(path).read_bytes()
    code: CodeType = compile(source, os.path.abspath(path), "exec", dont_inherit=True)
    return code


def _main_module(path: str) -> ModuleType:
    """A fresh `__main__`, in sys.modules, as pickling and multiprocessing expect it."""
    module = ModuleType("__main__")
    file = os.path.abspath(path)
    module.__loader__ = importlib.machinery.SourceFileLoader("__main__", file)
    vars(module).update(  # as Python gives a script
        __annotations__={}, __builtins__=builtins, __file__=file, __cached__=None
    )
    sys.modules["__main__"] = module
    return module


def _exited(error: SystemExit) -> Outcome:
    """As the interpreter does: None is 0, a number is itself, anything else is printed and 1."""
    if error.code is None or isinstance(error.code, int):
        return Outcome("exited", (error.code or 0) & 0xFF)
    sys.stderr.write(f"{error.code}\n")
    return Outcome("exited", 1)


def _raised(error: BaseException) -> Outcome:
    clean(error)
    _show(error)
    code = 130 if isinstance(error, KeyboardInterrupt) else 1
    stack = traceback.extract_tb(error.__traceback__)
    last = ([frame for frame in stack if not _is_installed(frame.filename)] or stack)[-1:]
    place = (last[0].filename, last[0].lineno or 0) if last else ("", 0)
    if isinstance(error, SyntaxError):
        place = (error.filename or "", error.lineno or 0)
    raised = Raised(type(error).__name__, _said(error), *place)
    return Outcome("raised", code, raised, error)


def _is_installed(file: str) -> bool:
    """True for a file of Python or of a library: where it raises, the user's line called it."""
    folders = (sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib"))
    return file.startswith(("<frozen", *(os.path.join(folder, "") for folder in folders)))


def _show(error: BaseException) -> None:
    """Print the exception as Python does, by the program's own `sys.excepthook` if it has one."""
    given = type(error), error, error.__traceback__
    sys.last_type, sys.last_value, sys.last_traceback = given
    try:
        sys.excepthook(*given)
    except Exception as inner:
        clean(inner)
        sys.stderr.write("Error in sys.excepthook:\n")
        sys.__excepthook__(type(inner), inner, inner.__traceback__)
        sys.stderr.write("\nOriginal exception was:\n")
        sys.__excepthook__(*given)


def _said(error: BaseException) -> str:
    """The exception's text; its class may be unable to say one."""
    if isinstance(error, SyntaxError):
        return str(error.msg)
    try:
        return str(error)
    except Exception:
        return ""


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
            spec.loader = InPlaceOf(spec.loader, self._followed)
        return spec

    def _followed(self, module: ModuleType, loader: importlib.abc.Loader) -> None:
        loader.exec_module(module)
        self._then()


class InPlaceOf(importlib.abc.Loader):
    """Has a module run by `run(module, loader)`; the module has its own loader all the same."""

    def __init__(
        self,
        loader: importlib.abc.Loader,
        run: Callable[[ModuleType, importlib.abc.Loader], None],
    ) -> None:
        self._loader = loader
        self._run = run

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        """As the loader itself does."""
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        """Give the module its own loader back, then run it."""
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        module.__loader__ = self._loader
        self._run(module, self._loader)
