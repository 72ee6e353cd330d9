"""Other code in the place of functions that are alive, and back again.

No source file is written and no module is run again: a function keeps its identity, its globals,
defaults, closure and decorators; only its `__code__` is exchanged, and put back.
"""

from __future__ import annotations

import ast
import copy
import gc
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import CodeType, FunctionType

Compile = Callable[[ast.Module, str, str], CodeType]  # (tree, source, file) → the module's code


class CannotSwap(Exception):
    """The function that runs is not the one that the text compiles to, or cannot be exchanged."""


def plain(tree: ast.Module, source: str, file: str) -> CodeType:
    """A module's code as Python itself compiles it."""
    code: CodeType = compile(tree, file, "exec", dont_inherit=True)
    return code


class LiveModule:
    """The functions of one file that are alive, found by their code wherever they are kept.

    A function may be wrapped, a method, a property or a cell of a closure: what counts is that
    its code equals what the file's text compiles to. `compilers` are tried in turn until one
    gives the code that is alive: under an import hook that is not what Python alone would give.
    """

    def __init__(self, file: str, source: str, compilers: tuple[Compile, ...] = (plain,)) -> None:
        self.file = file
        self.source = source
        self.tree = ast.parse(source, file)
        alive = [f for f in _functions() if _is_file(f.__code__.co_filename, file)]
        self._compile, self._original, self._functions = self._find(compilers, alive)
        found = {id(function) for function, _ in self._functions}
        self._altered = {
            code.co_qualname
            for function in alive
            if id(function) not in found
            for code in (function.__code__, *_codes(function.__code__))
        } - {self._original[i].co_qualname for _, i in self._functions}

    def _find(
        self, compilers: tuple[Compile, ...], alive: list[FunctionType]
    ) -> tuple[Compile, list[CodeType], list[tuple[FunctionType, int]]]:
        best: tuple[Compile, list[CodeType], list[tuple[FunctionType, int]]] | None = None
        for compiler in compilers:
            codes = _codes(compiler(copy.deepcopy(self.tree), self.source, self.file))
            found = [
                (function, i) for function in alive for i in _position(function.__code__, codes)
            ]
            if best is None or len(found) > len(best[2]):
                best = compiler, codes, found
        assert best is not None
        return best

    @property
    def alive(self) -> bool:
        """Whether any function of the file was found."""
        return bool(self._functions)

    def altered(self, function: str) -> bool:
        """Whether a function of this qualified name is alive only with code that is not the text's.

        Code within it counts as well: it is made from the code around it.
        """
        return function in self._altered

    def prepared(self, tree: ast.Module) -> Exchange:
        """What to exchange for the file's functions to run as `tree` has them.

        The tree may be a part of the module: functions that are not in it stay as they are.
        """
        new = _codes(self._compile(ast.fix_missing_locations(tree), self.source, self.file))
        return Exchange(self._pairs(new))

    def _pairs(self, new: list[CodeType]) -> list[tuple[FunctionType, CodeType]]:
        matching = _matching(self._original, new)
        return [
            (function, matching[i])
            for function, i in self._functions
            if i in matching and matching[i] != self._original[i]
        ]


class Exchange:
    """Functions, and the code that each is to have for a while."""

    def __init__(self, pairs: list[tuple[FunctionType, CodeType]]) -> None:
        self._pairs = pairs

    def __len__(self) -> int:
        return len(self._pairs)

    @contextmanager
    def made(self) -> Iterator[None]:
        """Exchange them now, and put everything back at the end.

        Raises CannotSwap, with every function as it was, where one cannot take the new code.
        """
        pairs = self._pairs
        before = [(function, function.__code__) for function, _ in pairs]
        try:
            for function, code in pairs:
                function.__code__ = code
        except ValueError as error:
            _restore(before)
            raise CannotSwap(str(error)) from error
        try:
            yield
        finally:
            _restore(before)


def _restore(before: list[tuple[FunctionType, CodeType]]) -> None:
    for function, code in before:
        function.__code__ = code


def _functions() -> list[FunctionType]:
    gc.collect()  # what only a dead cycle holds is not alive
    return [thing for thing in gc.get_objects() if type(thing) is FunctionType]


def _is_file(name: str, file: str) -> bool:
    return name == file or (
        os.path.basename(name) == os.path.basename(file)
        and os.path.realpath(name) == os.path.realpath(file)
    )


def _codes(module: CodeType) -> list[CodeType]:
    """Every code object within a module's or a function's code, in a fixed order."""
    found: list[CodeType] = []

    def walk(code: CodeType) -> None:
        for constant in code.co_consts:
            if isinstance(constant, CodeType):
                found.append(constant)
                walk(constant)

    walk(module)
    return found


def _key(code: CodeType) -> tuple[str, int]:
    return code.co_qualname, code.co_firstlineno


def _position(code: CodeType, codes: list[CodeType]) -> list[int]:
    return [i for i, other in enumerate(codes) if _key(other) == _key(code) and other == code][:1]


def _matching(old: list[CodeType], new: list[CodeType]) -> dict[int, CodeType]:
    """For each place in `old`, the code of that name and line in `new`.

    Several of one name and line (lambdas) are taken in their order, if there are as many of them.
    """
    places: dict[tuple[str, int], list[int]] = {}
    for i, code in enumerate(old):
        places.setdefault(_key(code), []).append(i)
    others: dict[tuple[str, int], list[CodeType]] = {}
    for code in new:
        others.setdefault(_key(code), []).append(code)
    return {
        i: code
        for key, here in places.items()
        if len(here) == len(others.get(key, ()))
        for i, code in zip(here, others[key], strict=True)
    }


class Witness:
    """Stands for the name that witnessed code calls, and keeps what it is told.

    `seen[i]` holds each (type, shape) that came by under number i, in order, up to `most` of
    them; numbers alone say that a place was come by. Thread-safe; never raises.
    """

    def __init__(self, name: str, most: int = 20) -> None:
        self.name = name
        self.seen: dict[int, dict[tuple[str, tuple[int, ...] | None], None]] = {}
        self._most = most
        self._lock = threading.Lock()

    def __call__(self, number: int, value: object) -> object:
        with self._lock:
            shapes = self.seen.setdefault(number, {})
            if len(shapes) < self._most:
                shapes[type(value).__name__, _shape(value)] = None
        return value

    @contextmanager
    def listening(self) -> Iterator[Witness]:
        """Be found under the name, by every module, for as long as this lasts."""
        import builtins

        setattr(builtins, self.name, self)
        try:
            yield self
        finally:
            delattr(builtins, self.name)


def _shape(value: object) -> tuple[int, ...] | None:
    if type(value).__module__.split(".")[0] not in ("torch", "numpy"):
        return None
    try:
        return tuple(int(size) for size in value.shape)  # type: ignore[attr-defined]
    except Exception:
        return None
