"""The shape comments of a program: probes in its own code and in that of the modules beside it."""

from __future__ import annotations

import ast
import importlib.abc
import importlib.machinery
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from shapecheck.runtime.commented import ProbedFile
from shapecheck.source.declarations import read_comments
from shapecheck.source.units import CodeUnit, read_units

Guarded = Callable[[str, Callable[[], Any]], Any]  # what is done, and the step that may fail


class Comments:
    """Puts probes where shape comments stand, and gathers what was seen there.

    `guarded` keeps our own failures from the program. Modules below `folders`, which the program
    imports, are given probes as well.
    """

    def __init__(self, guarded: Guarded) -> None:
        self._guarded = guarded
        self._files: dict[str, ProbedFile] = {}
        self._watches: list[Any] = []
        self._awake = False

    def probe(self, unit: CodeUnit, tree: ast.Module, names: dict[str, Any]) -> None:
        """Put probes into the tree of a unit that will run in these names."""
        commented = read_comments(unit)
        if not commented.points:
            return
        file = self._files.get(unit.file)
        if file is None:
            file = self._files[unit.file] = ProbedFile(unit.file)
            if self._awake:
                self._watch(file)
        file.attach(tree, commented, names)

    def beside(self, folder: str) -> None:
        """Cover the modules of a folder as they are imported."""
        finder = _Beside(os.path.join(os.path.abspath(folder), ""), self._run_module)
        python = importlib.machinery.PathFinder
        at = sys.meta_path.index(python) if python in sys.meta_path else len(sys.meta_path)
        sys.meta_path.insert(at, finder)

    def awaken(self) -> None:
        """torch is there: from now on the probes see."""
        self._awake = True
        for file in self._files.values():
            self._watch(file)

    def evidence(self) -> list[object]:
        """What was seen, a piece a file."""
        return [watch.evidence() for watch in self._watches]

    def errors(self) -> list[str]:
        """Failures of our own at the probes."""
        failed = sum(watch.failures for watch in self._watches)
        return [f"shapecheck failed at {failed} probes of shape comments"] if failed else []

    def _watch(self, file: ProbedFile) -> None:
        from shapecheck.runtime.comments import CommentWatch  # imports torch

        self._watches.append(CommentWatch(file))

    def _run_module(self, module: ModuleType, path: str) -> bool:
        """Run a module with probes; False where there is nothing to probe."""
        code = self._guarded("reading shape comments", lambda: self._module(module, path))
        if code is None:
            return False
        exec(code, vars(module))
        return True

    def _module(self, module: ModuleType, path: str) -> Any:
        (unit,) = read_units(path)
        if not read_comments(unit).points:
            return None
        tree = script_tree(path)
        if tree is None:
            return None
        self.probe(unit, tree, vars(module))
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
        """Run the module, with probes where it states shapes."""
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        module.__loader__ = self._loader
        if not self._run(module, self._path):
            self._loader.exec_module(module)
