"""What a function can reach besides its arguments: globals, closures, defaults, class attributes.

A replay cannot give the user's functions other globals, so it exchanges what they hold: each
place is remembered with a copy of its content, and is set back afterwards whatever happened.
Attributes count as reached where some reached code names them.
"""

from __future__ import annotations

import builtins
import dis
import functools
import sys
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from shapecheck.runtime.state.copying import Copier
from shapecheck.runtime.state.memory import NoCopyError
from shapecheck.runtime.state.trusted import own_file, trusted_file, trusted_module

ABSENT = object()

# Names of calls that write; a function that names one is not replayed.
SAVES = frozenset((
    "save", "savez", "savez_compressed", "savetxt", "savefig", "imsave", "dump", "tofile",
    "memmap", "from_file", "to_csv", "to_json", "to_pickle", "to_parquet", "to_excel",
    "to_hdf", "write_text", "write_bytes", "imwrite", "save_file", "save_model",
    "save_pretrained", "save_state", "save_checkpoint", "add_scalar", "add_image",
    "add_histogram", "add_graph", "SummaryWriter", "save_image",
))  # fmt: skip
_DYNAMIC = frozenset({"globals", "exec", "open", "input", "breakpoint"})


@dataclass(frozen=True)
class Spot:
    """A place that holds a value: a global, a cell of a closure, a class attribute, defaults."""

    owner: Any
    name: str

    def get(self) -> Any:
        """What it holds, or ABSENT."""
        if isinstance(self.owner, types.CellType):
            try:
                return self.owner.cell_contents
            except ValueError:
                return ABSENT
        if isinstance(self.owner, dict):
            return self.owner.get(self.name, ABSENT)
        if isinstance(self.owner, type):
            return vars(self.owner).get(self.name, ABSENT)
        return getattr(self.owner, self.name)

    def put(self, value: Any) -> None:
        """Hold the value, or nothing for ABSENT."""
        if isinstance(self.owner, types.CellType):
            if value is not ABSENT:
                self.owner.cell_contents = value
            elif self.get() is not ABSENT:
                del self.owner.cell_contents
        elif isinstance(self.owner, dict):
            if value is not ABSENT:
                self.owner[self.name] = value
            else:
                self.owner.pop(self.name, None)
        elif value is not ABSENT:
            _set(self.owner, self.name, value)
        elif self.get() is not ABSENT:
            type.__delattr__(self.owner, self.name)


def _set(owner: Any, name: str, value: Any) -> None:
    if isinstance(owner, type):
        type.__setattr__(owner, name, value)
    else:
        setattr(owner, name, value)


@dataclass(frozen=True)
class _Named:
    """What one piece of code names."""

    globals: frozenset[str]
    attributes: frozenset[str]
    imports: frozenset[str]


@functools.lru_cache(4096)
def _named(code: types.CodeType) -> _Named:
    names, attributes, imports = set(), set(), set()
    for part in _codes(code):
        for instruction in dis.get_instructions(part):
            name = instruction.argval
            if instruction.opname in ("LOAD_GLOBAL", "STORE_GLOBAL", "DELETE_GLOBAL", "LOAD_NAME"):
                names.add(name)
            elif instruction.opname == "IMPORT_NAME":
                imports.add(name)
            elif instruction.opname.endswith(("_ATTR", "_METHOD", "IMPORT_FROM")):
                attributes.add(name)
    return _Named(frozenset(names), frozenset(attributes), frozenset(imports))


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    yield code
    for const in code.co_consts:
        if isinstance(const, types.CodeType):
            yield from _codes(const)


class Reach:
    """Collects, into `spots`, what functions, classes and modules hold that a call can reach."""

    def __init__(self, most_bytes: int) -> None:
        self._todo: list[Any] = []
        # No method of ours: in a cycle with the copier, all that was copied would live on.
        self.copier = Copier(most_bytes, reached=self._todo.append)
        self.spots: dict[tuple[int, str], tuple[Spot, Any]] = {}
        self.classes: dict[type, frozenset[str]] = {}
        self.dicts: dict[int, dict[str, Any]] = {}  # attributes of functions
        self._seen: set[int] = set()
        self._kept: list[Any] = []
        self._names: set[str] = {"forward"}
        self._waiting: dict[str, list[Any]] = {}  # classes and modules that have the name

    def follow(self, value: Any) -> Any:
        """A copy of the value, and into `spots` what its code can reach. Raises NoCopyError."""
        copied = self.copier.copy(value)
        while self._todo:
            self._scan(self._todo.pop())
        return copied

    def _scan(self, found: Any) -> None:
        if id(found) in self._seen:
            return
        self._seen.add(id(found))
        self._kept.append(found)
        if isinstance(found, types.FunctionType):
            self._function(found)
        elif isinstance(found, type):
            for base in found.__mro__:
                if not trusted_module(base.__module__):
                    self._class(base)
        elif isinstance(found, types.ModuleType):
            file = getattr(found, "__file__", "") or ""
            if not trusted_module(found.__name__) and not trusted_file(file):
                self._offer(found, vars(found))
        elif isinstance(found, types.BuiltinFunctionType) and found.__name__ in SAVES:
            raise NoCopyError(f"a name of {found.__name__}")

    def _spot(self, owner: Any, name: str) -> None:
        key = (id(owner), name)
        if key in self.spots:
            return
        spot = Spot(owner, name)
        held = spot.get()
        self.spots[key] = (spot, ABSENT)  # met again while its content is copied
        self.spots[key] = (spot, held if held is ABSENT else self.copier.copy(held))

    def _function(self, function: types.FunctionType) -> None:
        code = function.__code__
        if hasattr(function, "_torchdynamo_orig_callable"):
            raise NoCopyError("compiled code")
        if own_file(code.co_filename):  # the guard around a checked function
            self._todo.extend(filter(None, [getattr(function, "__wrapped__", None)]))
            return
        for cell in function.__closure__ or ():
            self._spot(cell, "")
        for name in ("__defaults__", "__kwdefaults__"):
            if getattr(function, name):
                self._spot(function, name)
        if not trusted_file(code.co_filename):
            self.dicts[id(vars(function))] = vars(function)
            for name in list(vars(function)):
                self._spot(vars(function), name)
            self._code(code, function.__globals__)

    def _code(self, code: types.CodeType, namespace: dict[str, Any]) -> None:
        named = _named(code)
        for name in sorted((named.globals | named.attributes) & SAVES):
            raise NoCopyError(f"a call of {name}() in {code.co_qualname}")
        for name in sorted(named.globals & _DYNAMIC):
            if name not in namespace:
                raise NoCopyError(f"a call of {name}() in {code.co_qualname}")
        for name in sorted(named.attributes | named.globals):
            self._name(name)
        for name in sorted(named.imports):
            for part in _packages(name):
                self._todo.append(part)
        for name in sorted(named.globals):
            if name in namespace or not hasattr(builtins, name):
                self._spot(namespace, name)

    def _class(self, kind: type) -> None:
        if kind in self.classes:
            return
        self.classes[kind] = frozenset(vars(kind))
        self._offer(kind, vars(kind))

    def _offer(self, owner: Any, held: Any) -> None:
        """Take what the owner holds under names in use now, and under others when they are."""
        for name in list(held):
            special = isinstance(owner, type) and name.startswith("__") and callable(held[name])
            if special or name in self._names:
                self._take(owner, name)
            else:
                self._waiting.setdefault(name, []).append(owner)

    def _name(self, name: str) -> None:
        if name not in self._names:
            self._names.add(name)
            for owner in self._waiting.pop(name, ()):
                self._take(owner, name)

    def _take(self, owner: Any, name: str) -> None:
        if isinstance(owner, types.ModuleType):
            self._spot(vars(owner), name)
            return
        held = vars(owner).get(name)
        function = _unwrapped(held)
        if function is not None:
            self._todo.extend(function)
        elif not isinstance(held, _DESCRIPTORS) and not name.startswith("__"):
            self._spot(owner, name)


_DESCRIPTORS = (types.MemberDescriptorType, types.GetSetDescriptorType, types.WrapperDescriptorType)


def _unwrapped(held: Any) -> list[Callable[..., Any]] | None:
    """The functions behind a method, property or the like; None for any other attribute."""
    if isinstance(held, types.FunctionType):
        return [held]
    if isinstance(held, (staticmethod, classmethod)):
        return _unwrapped(held.__func__) or []
    if isinstance(held, property):
        return [f for f in (held.fget, held.fset) if f is not None]
    if isinstance(held, functools.cached_property):
        return [held.func]
    if isinstance(held, (functools.partialmethod, functools.singledispatchmethod)):
        return _unwrapped(getattr(held, "func", None)) or []
    return None


def _packages(name: str) -> Iterator[types.ModuleType]:
    parts = name.split(".")
    for end in range(1, len(parts) + 1):
        module = sys.modules.get(".".join(parts[:end]))
        if module is not None:
            yield module
