"""The import hook: modules of chosen packages are transformed as they are imported."""

from __future__ import annotations

import ast
import importlib.abc
import importlib.machinery
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.util import decode_source
from pathlib import Path
from types import CodeType, FunctionType, ModuleType, TracebackType

from shapecheck.core.finding import DeclarationError
from shapecheck.core.site import Place
from shapecheck.runtime.guard import Guard
from shapecheck.runtime.importing.bytecode import CodeCache
from shapecheck.runtime.importing.module_guard import ModuleGuard
from shapecheck.runtime.importing.transform import GUARD, names_by_function, transform


@dataclass(frozen=True)
class Rewriting:
    """Another tool's rewriting of a module (pytest's of asserts), to go with ours.

    `picks` tells by a module's loader whether the tool would have rewritten it; `apply` does so
    on the tree, given source and path; `tag` sets apart the byte code of what it makes.
    """

    picks: Callable[[object], bool]
    apply: Callable[[ast.Module, bytes, str], None]
    tag: str


class AlreadyImported(ImportError):
    """A package was imported before the hook could transform it."""


class ImportHook(importlib.abc.MetaPathFinder):
    """Finds modules as Python would, and has those it covers loaded with the guard.

    `packages` are names of modules and packages (whole trees); `folders` are directories whose
    files are covered whatever their module names are. `rewriting` is applied after our own
    transformation. `seen` are the modules that were covered.
    """

    def __init__(
        self,
        guard: Guard,
        packages: Iterable[str],
        folders: Iterable[Path] = (),
        rewriting: Rewriting | None = None,
    ) -> None:
        self.guard = guard
        self.packages = tuple(packages)
        self.folders = tuple(folder.resolve() for folder in folders)
        self.seen: set[str] = set()
        self._rewriting = rewriting
        self._finding: set[str] = set()

    def install(self) -> None:
        """Start covering imports. Raises AlreadyImported, saying who imported what."""
        for name in sorted(sys.modules):
            if self._covers_name(name):
                raise AlreadyImported(_already_imported(name))
        sys.meta_path.insert(0, self)

    def uninstall(self) -> None:
        """Stop covering imports; modules that were transformed stay as they are."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def __enter__(self) -> ImportHook:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.uninstall()

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> importlib.machinery.ModuleSpec | None:
        """The spec another finder gives, with our loader where the module is covered."""
        if fullname in self._finding or not (self.folders or self._covers_name(fullname)):
            return None
        self._finding.add(fullname)
        try:
            spec = _find(self, fullname, path, target)
        finally:
            self._finding.discard(fullname)
        if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
            return None
        if not (self._covers_name(fullname) or self._covers_file(spec.origin)):
            return None
        rewriting = self._rewriting
        if rewriting is not None and not rewriting.picks(spec.loader):
            rewriting = None
        if not rewriting and not isinstance(spec.loader, importlib.machinery.SourceFileLoader):
            return None
        self.seen.add(fullname)
        spec.loader = _Loader(fullname, spec.origin, self.guard, rewriting)
        return spec

    def _covers_name(self, name: str) -> bool:
        return any(name == p or name.startswith(p + ".") for p in self.packages)

    def _covers_file(self, origin: str) -> bool:
        path = Path(origin).resolve()
        return any(path.is_relative_to(folder) for folder in self.folders)


class _Loader(importlib.machinery.SourceFileLoader):
    """Loads a source file with the guard in it."""

    def __init__(self, name: str, path: str, guard: Guard, rewriting: Rewriting | None) -> None:
        super().__init__(name, path)
        self._guard = guard
        self._rewriting = rewriting
        self._cache = CodeCache(rewriting.tag if rewriting else "")

    def _guarded_code(self) -> CodeType:
        """The transformed module's code, from our cache where it is still right.

        `get_code` stays Python's own: `runpy` runs what it returns in a namespace without guard.
        """
        code = self._cache.load(self.path)
        if code is None:
            code = self._compile(self.get_data(self.path))
            self._cache.store(self.path, code)
        return code

    def _compile(self, data: bytes) -> CodeType:
        source = decode_source(data)
        tree = ast.parse(source, self.path)
        transform(tree, names_by_function(source, self.path))
        if self._rewriting is not None:
            self._rewriting.apply(tree, data, self.path)
        code: CodeType = compile(tree, self.path, "exec", dont_inherit=True)
        return code

    def exec_module(self, module: ModuleType) -> None:
        """Run the module. An annotation that cannot be read is named with file and line."""
        __tracebackhide__ = True
        vars(module)[GUARD] = ModuleGuard(self._guard, vars(module))
        try:
            exec(self._guarded_code(), vars(module))
        except ValueError as error:
            line = _line_at_fault(error.__traceback__, self.path)
            if line is None:
                raise
            message = f"an annotation cannot be read: {error}"
            raise DeclarationError(message, Place(self.path, line)) from None


def _find(
    hook: ImportHook, fullname: str, path: Sequence[str] | None, target: ModuleType | None
) -> importlib.machinery.ModuleSpec | None:
    for finder in sys.meta_path:
        find_spec = getattr(finder, "find_spec", None)
        if finder is hook or find_spec is None:
            continue
        spec: importlib.machinery.ModuleSpec | None = find_spec(fullname, path, target)
        if spec is not None:
            return spec
    return None


def _line_at_fault(trace: TracebackType | None, path: str) -> int | None:
    """The line of `path` whose annotation jaxtyping refused to read, if that is what happened."""
    line, last = None, ""
    while trace is not None:
        last = trace.tb_frame.f_code.co_filename
        if last == path:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line if "jaxtyping" in Path(last).parts else None


def _already_imported(name: str) -> str:
    holders = sorted(
        module_name
        for module_name, module in list(sys.modules.items())
        if module_name != name
        and not module_name.startswith((name + ".", "shapecheck"))
        and _holds(module, name)
    )
    by = f" by {_where(holders[0])}" if holders else ""
    return (
        f"{name} was already imported{by}, so shapecheck cannot check it. "
        "Import it later, or leave it out of `packages`."
    )


def _holds(module: object, name: str) -> bool:
    """True where a module has the package, or something defined in it, among its names.

    Only by what `type` says: an object in a module's globals may do anything when it is asked.
    """
    for value in list(getattr(module, "__dict__", {}).values()):
        kind = type(value)
        if issubclass(kind, ModuleType):
            home = vars(value).get("__name__")
        elif issubclass(kind, (type, FunctionType)):
            home = value.__module__
        else:
            continue
        if isinstance(home, str) and (home == name or home.startswith(name + ".")):
            return True
    return False


def _where(module_name: str) -> str:
    file = getattr(sys.modules[module_name], "__file__", None)
    return f"{module_name} ({file})" if file else module_name
