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

from shapecheck.source.units import CodeUnit, read_units


class Rewriting(Protocol):
    """What watches code: which, how it is put in, and how our own failures are kept."""

    def wants(self, unit: CodeUnit) -> bool: ...
    def rewrite(self, unit: CodeUnit, tree: ast.Module, names: dict[str, Any]) -> None: ...
    def guarded(self, doing: str, step: Callable[[], Any]) -> Any: ...


def cover(folder: str, watch: Rewriting) -> None:
    """Have the modules below a folder watched as they are imported."""
    folder = os.path.join(os.path.abspath(folder), "")
    finder = _Beside(folder, lambda module, path: _run(module, path, watch))
    python = importlib.machinery.PathFinder
    at = sys.meta_path.index(python) if python in sys.meta_path else len(sys.meta_path)
    sys.meta_path.insert(at, finder)


def _run(module: ModuleType, path: str, watch: Rewriting) -> bool:
    """Run a module with what watches it; False where nothing does."""
    code = watch.guarded("reading a module", lambda: _rewritten(module, path, watch))
    if code is None:
        return False
    exec(code, vars(module))
    return True


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

    def __init__(self, folder: str, run: Callable[[ModuleType, str], bool]) -> None:
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
            spec.loader = _Probing(spec.loader, spec.origin or "", self._run)
        return spec

    def _covers(self, origin: str) -> bool:
        if not origin.startswith(self._folder) or not origin.endswith(".py"):
            return False
        inside = origin[len(self._folder) :].split(os.sep)
        return not any(part.startswith(".") or part == "site-packages" for part in inside)


class _Probing(importlib.abc.Loader):
    """A loader whose module may be run by another; the module has its own loader all the same."""

    def __init__(
        self,
        loader: importlib.machinery.SourceFileLoader,
        path: str,
        run: Callable[[ModuleType, str], bool],
    ) -> None:
        self._loader = loader
        self._path = path
        self._run = run

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        """As the loader itself does."""
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        """Run the module, with what watches it."""
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        module.__loader__ = self._loader
        if not self._run(module, self._path):
            self._loader.exec_module(module)
