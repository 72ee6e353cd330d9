"""The modules beside a program, run by us as the program imports them."""

from __future__ import annotations

import ast
import importlib.abc
import importlib.machinery
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

from shapecheck.runtime.program import InPlaceOf
from shapecheck.source.units import CodeUnit, read_units

_OURS = os.path.join(Path(__file__).resolve().parents[1], "")  # where the program lies around us


class Rewriting(Protocol):
    """What watches code: which, how it is put in, and how our own failures are kept."""

    def wants(self, unit: CodeUnit) -> bool: ...
    def rewrite(self, unit: CodeUnit, tree: ast.Module, names: dict[str, Any]) -> None: ...
    def guarded(self, doing: str, step: Callable[[], Any]) -> Any: ...


def cover(folder: str, watch: Rewriting) -> None:
    """Have the modules below a folder watched as they are imported."""
    folder = os.path.join(os.path.abspath(folder), "")
    finder = _Beside(folder, lambda module, loader: _run(module, loader, watch))
    python = importlib.machinery.PathFinder
    at = sys.meta_path.index(python) if python in sys.meta_path else len(sys.meta_path)
    sys.meta_path.insert(at, finder)


def _run(module: ModuleType, loader: importlib.abc.Loader, watch: Rewriting) -> None:
    """Run a module, with what watches it if anything does."""
    path = module.__spec__.origin if module.__spec__ is not None else None
    code = watch.guarded("reading a module", lambda: _rewritten(module, path or "", watch))
    if code is None:
        loader.exec_module(module)
    else:
        exec(code, vars(module))


def _rewritten(module: ModuleType, path: str, watch: Rewriting) -> Any:
    (unit,) = read_units(path)
    tree = script_tree(path) if watch.wants(unit) else None
    if tree is None:
        return None
    watch.rewrite(unit, tree, vars(module))
    return compile(tree, path, "exec", dont_inherit=True)


def script_tree(path: str) -> ast.Module | None:
    """The tree of a Python file with the warnings of its reading; None where it has a fault."""
    try:
        tree = compile(Path(path).read_bytes(), path, "exec", ast.PyCF_ONLY_AST, dont_inherit=True)
    except (OSError, SyntaxError, ValueError, RecursionError):
        return None
    assert isinstance(tree, ast.Module)
    return tree


class _Beside(importlib.abc.MetaPathFinder):
    """Finds the modules below a folder as Python does, and has them run by us."""

    def __init__(
        self, folder: str, run: Callable[[ModuleType, importlib.abc.Loader], None]
    ) -> None:
        self._folder = folder
        self._run = run

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> importlib.machinery.ModuleSpec | None:
        """The spec of a module below the folder; None for any other."""
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is None or not self._covers(spec.origin or ""):
            return None
        if type(spec.loader) is importlib.machinery.SourceFileLoader:
            spec.loader = InPlaceOf(spec.loader, self._run)
        return spec

    def _covers(self, origin: str) -> bool:
        below = origin.startswith(self._folder) and not origin.startswith(_OURS)
        if not below or not origin.endswith(".py"):
            return False
        inside = origin[len(self._folder) :].split(os.sep)
        return not any(part.startswith(".") or part == "site-packages" for part in inside)
