"""Copies whole graphs of objects so that what is shared stays shared; refuses what it cannot prove.

Unlike `copy.deepcopy` it keeps gradients, copies non-leaf tensors, views and weak references, and
runs no method of the user's classes. Functions, classes and modules are not copied: what they
hold is exchanged in place during a replay (`reach.py`), so they are announced to `reached`.
"""

from __future__ import annotations

import array
import collections
import datetime
import decimal
import enum
import fractions
import functools
import itertools
import logging
import operator
import pathlib
import random
import re
import threading
import types
import typing
import uuid
import weakref
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import torch

from shapecheck.runtime.memory import Memory, NoCopyError
from shapecheck.runtime.trusted import trusted_module

# Values without state, or whose state cannot change.
_ATOMS: frozenset[type] = frozenset(
    [int, float, complex, bool, str, bytes, type(None), type(Ellipsis), type(NotImplemented)]
    + [range, slice, property, staticmethod, classmethod, re.Pattern, pathlib.PosixPath]
    + [pathlib.WindowsPath, pathlib.PurePosixPath, decimal.Decimal, fractions.Fraction, uuid.UUID]
    + [datetime.date, datetime.datetime, datetime.time, datetime.timedelta, datetime.timezone]
    + [torch.dtype, torch.device, torch.layout, torch.memory_format, torch.Size, torch.finfo]
    + [torch.iinfo, np.ufunc, operator.itemgetter, operator.attrgetter, operator.methodcaller]
    + [types.CodeType, types.GenericAlias, types.UnionType, types.WrapperDescriptorType]
    + [types.MethodDescriptorType, types.MethodWrapperType, types.GetSetDescriptorType]
    + [types.MemberDescriptorType, type(torch.Tensor.add), object]
)
_REFUSED: tuple[tuple[Any, str], ...] = (
    ((types.GeneratorType, types.CoroutineType, types.AsyncGeneratorType), "a running generator"),
    (threading.Thread, "a thread"),
    (threading.local, "thread-local state"),
    (torch.jit.ScriptFunction, "a TorchScript function"),
    (torch.jit.ScriptModule, "a TorchScript module"),
)
_LOCKS = (type(threading.Lock()), type(threading.RLock()))
_ITERATORS = tuple(
    type(i) for i in (iter([]), iter(()), iter(range(0)), iter(range(1 << 70)), itertools.count())
)


class Copier:
    """Copies objects with one memory of what was copied before.

    `most_bytes` of tensors and `most_objects` are copied at most. `substitutes` gives, by the
    identity of an original tensor, the values its copy is to hold. `reached` is told of each
    function, class and module met. Raises NoCopyError.
    """

    def __init__(
        self,
        most_bytes: int,
        most_objects: int = 200_000,
        substitutes: Mapping[int, torch.Tensor] | None = None,
        reached: Callable[[Any], None] | None = None,
    ) -> None:
        self.memory = Memory(most_bytes)
        self.tensors: list[torch.Tensor] = []
        self.modules: list[torch.nn.Module] = []
        self._substitutes = dict(substitutes or {})
        self._reached = reached
        self._left = most_objects
        self._memo: dict[int, Any] = {}
        self._originals: list[Any] = []  # kept, so that no identity is given twice

    def copy(self, value: Any) -> Any:
        """A copy of the value, or the value itself where nothing in it can change."""
        kind = type(value)
        if kind in _ATOMS:
            return value
        key = id(value)
        if key in self._memo:
            return self._memo[key]
        self._left -= 1
        if self._left < 0:
            raise NoCopyError("state of too many objects")
        try:
            return self._remember(value, self._fresh(value, kind))
        except RecursionError:
            raise NoCopyError("state nested too deeply") from None

    def _remember(self, value: Any, copied: Any) -> Any:
        if id(value) not in self._memo:
            self._memo[id(value)] = copied
            self._originals.append(value)
        return self._memo[id(value)]

    def _fresh(self, value: Any, kind: type) -> Any:
        make = _MAKERS.get(kind)
        if make is not None:
            return make(self, value)
        if isinstance(value, torch.Tensor):
            return self._tensor(value)
        if isinstance(value, (type, types.ModuleType)):
            return self._announce(value)
        if isinstance(value, (enum.Enum, np.generic, np.dtype, logging.Logger, logging.Handler)):
            return value
        if kind.__module__ in ("typing", "types", "inspect", "ast", "jaxtyping", "torch._ops"):
            return value  # annotations, signatures, operators
        if kind.__module__.partition(".")[0] in ("shapecheck", "jaxtyping", "_pytest"):
            return value
        if kind.__name__ == "OptimizedModule":  # naming the class would import the compiler
            raise NoCopyError("compiled code")
        for refused, name in _REFUSED:
            if isinstance(value, refused):
                raise NoCopyError(name)
        return self._instance(value, kind)

    def _announce(self, value: Any) -> Any:
        if self._reached is not None:
            self._reached(value)
        return value

    # Tensors, generators of random numbers

    def _tensor(self, original: torch.Tensor) -> torch.Tensor:
        new = self.memory.tensor(original, self._substitutes.get(id(original)))
        self._remember(original, new)
        self.tensors.append(new)
        if original.is_leaf and original.requires_grad:
            if original.grad is not None and new.shape == original.shape:
                new.grad = self.copy(original.grad)
            for hook in (original._backward_hooks or {}).values():  # type: ignore[attr-defined] # torch's stub lacks it
                new.register_hook(self.copy(hook))
            if getattr(original, "_post_accumulate_grad_hooks", None):
                raise NoCopyError("a hook on a gradient")
        for name, held in vars(original).items():
            new.__dict__[name] = self.copy(held)
        return new

    def _generator(self, original: torch.Generator) -> torch.Generator:
        new = torch.Generator(original.device)
        new.set_state(original.get_state())
        return new

    def _numpy_generator(self, original: Any) -> Any:
        bits = getattr(original, "bit_generator", None) or original._bit_generator
        fresh = type(bits)()
        fresh.state = bits.state
        return type(original)(fresh)

    def _random(self, original: random.Random) -> random.Random:
        new = type(original)()
        new.setstate(original.getstate())
        return new

    # Containers

    def _list(self, original: list[Any]) -> list[Any]:
        new: list[Any] = []
        self._remember(original, new)
        self._count(original)
        new.extend(map(self.copy, original))
        return new

    def _dict(self, original: dict[Any, Any]) -> dict[Any, Any]:
        new: dict[Any, Any] = {}
        self._remember(original, new)
        self._count(original)
        for key, held in list(original.items()):
            new[self.copy(key)] = self.copy(held)
        return new

    def _tuple(self, original: tuple[Any, ...]) -> tuple[Any, ...]:
        self._count(original)
        items = [self.copy(item) for item in original]
        if id(original) in self._memo:  # met again while its items were copied
            return typing.cast("tuple[Any, ...]", self._memo[id(original)])
        if all(a is b for a, b in zip(items, original, strict=True)):
            return original
        return tuple.__new__(type(original), items)

    def _set(self, original: set[Any]) -> set[Any]:
        self._count(original)
        new: set[Any] = set()
        self._remember(original, new)
        new.update(map(self.copy, original))
        return new

    def _frozenset(self, original: frozenset[Any]) -> frozenset[Any]:
        return frozenset(map(self.copy, original))

    def _count(self, container: Any) -> None:
        self._left -= len(container)
        if self._left < 0:
            raise NoCopyError("state of too many objects")

    # Callables and references

    def _method(self, original: types.MethodType) -> Any:
        owner = self.copy(original.__self__)
        self._announce(original.__func__)
        return types.MethodType(original.__func__, owner)

    def _builtin(self, original: types.BuiltinFunctionType) -> Any:
        owner = original.__self__
        if owner is None or isinstance(owner, (type, types.ModuleType)):
            return self._announce(original)
        copied = self.copy(owner)
        return original if copied is owner else getattr(copied, original.__name__)

    def _partial(self, original: functools.partial[Any]) -> functools.partial[Any]:
        new = functools.partial(
            self.copy(original.func), *map(self.copy, original.args),
            **{key: self.copy(held) for key, held in original.keywords.items()},
        )  # fmt: skip
        new.__dict__.update({k: self.copy(v) for k, v in vars(original).items()})
        return new

    def _cached(self, original: Any) -> Any:
        """A function with an `lru_cache`: the same, its cache empty and its own."""
        if trusted_module(original.__module__):
            return original
        self._announce(original.__wrapped__)
        limits = original.cache_parameters()
        return functools.lru_cache(limits["maxsize"], limits["typed"])(original.__wrapped__)

    def _weakref(self, original: weakref.ref[Any]) -> Any:
        target = original()
        if target is None:
            return original
        if original.__callback__ is not None:
            raise NoCopyError("a weak reference with a callback")
        copied = self.copy(target)
        self._originals.append(copied)
        return original if copied is target else weakref.ref(copied)

    def _iterator(self, original: Any) -> Any:
        make, args, *state = original.__reduce__()
        new = make(*map(self.copy, args))
        if state:
            new.__setstate__(*state)
        return new

    def _lock(self, original: Any) -> Any:
        return type(original)() if type(original) is _LOCKS[1] else threading.Lock()

    # Instances of classes written in Python

    def _instance(self, original: Any, kind: type) -> Any:
        if isinstance(original, BaseException):
            raise NoCopyError("an exception")
        if _has_del(kind) and not trusted_module(kind.__module__):
            raise NoCopyError(f"a {kind.__name__}, which has a __del__")
        base = _builtin_base(kind)
        if base not in _BASES or not _is_plain(kind, base):
            raise NoCopyError(f"a {kind.__module__}.{kind.__qualname__}")
        self._announce(kind)
        new = self._base(original, kind, base)
        for name, held in list(getattr(original, "__dict__", {}).items()):
            new.__dict__[name] = self.copy(held)
        for slot in _slots(kind):
            try:
                held = slot.__get__(original, kind)
            except AttributeError:
                continue
            slot.__set__(new, self.copy(held))
        if isinstance(new, torch.nn.Module):
            self.modules.append(new)
        return new

    def _base(self, original: Any, kind: type, base: type) -> Any:
        """A new instance with the content of its built-in base class, remembered before it grows."""
        if base is tuple:
            items = tuple(self.copy(item) for item in original)
            return self._remember(original, tuple.__new__(kind, items))
        if base in (int, float, str, bytes, complex):
            return self._remember(original, base.__new__(kind, base(original)))
        new = self._remember(original, base.__new__(kind))
        if base is collections.defaultdict:
            new.default_factory = self.copy(original.default_factory)
        if base is list or base is collections.deque:
            self._count(original)
            base.__init__(new, map(self.copy, base.__iter__(original)), *_maxlen(original, base))
        elif base in (dict, collections.OrderedDict, collections.defaultdict):
            self._count(original)
            for key in list(base.__iter__(original)):
                base.__setitem__(new, self.copy(key), self.copy(base.__getitem__(original, key)))
        elif base is set:
            base.update(new, map(self.copy, base.__iter__(original)))  # type: ignore[attr-defined] # base is set
        return new


def _maxlen(original: Any, base: type) -> Iterable[Any]:
    return (original.maxlen,) if base is collections.deque else ()


_BASES = (
    object, list, dict, collections.OrderedDict, collections.defaultdict, collections.deque,
    set, tuple, int, float, str, bytes, complex,
)  # fmt: skip


@functools.cache
def _builtin_base(kind: type) -> type:
    """The first class of the MRO that is not written in Python."""
    for base in kind.__mro__:
        if base in _BASES or not base.__flags__ & (1 << 9):  # not a heap type, so a type of C
            return base
    return object


@functools.cache
def _has_del(kind: type) -> bool:
    return any("__del__" in vars(base) for base in kind.__mro__)


@functools.cache
def _slots(kind: type) -> tuple[Any, ...]:
    return tuple(
        held
        for base in kind.__mro__
        if base not in _BASES
        for held in vars(base).values()
        if isinstance(held, types.MemberDescriptorType)
    )


@functools.cache
def _is_plain(kind: type, base: type) -> bool:
    """True where an instance is no larger than its base, `__dict__` and `__slots__` account for."""
    if base in (int, bytes, tuple):  # of variable size; subclasses cannot have slots
        return True
    extra = len(_slots(kind)) + (kind.__weakrefoffset__ > 0) + (kind.__dictoffset__ > 0)
    return kind.__basicsize__ <= base.__basicsize__ + 8 * extra


_MAKERS: dict[type, Callable[[Copier, Any], Any]] = {
    torch.Tensor: Copier._tensor,
    torch.nn.Parameter: Copier._tensor,
    torch.Generator: Copier._generator,
    np.ndarray: lambda copier, value: copier.memory.array(value, copier.copy),
    np.random.Generator: Copier._numpy_generator,
    np.random.RandomState: Copier._numpy_generator,
    random.Random: Copier._random,
    list: Copier._list,
    dict: Copier._dict,
    tuple: Copier._tuple,
    set: Copier._set,
    frozenset: Copier._frozenset,
    bytearray: lambda _, value: bytearray(value),
    array.array: lambda _, value: value[:],
    types.SimpleNamespace: lambda copier, value: types.SimpleNamespace(**copier.copy(vars(value))),
    types.FunctionType: Copier._announce,
    types.MethodType: Copier._method,
    types.BuiltinFunctionType: Copier._builtin,
    functools.partial: Copier._partial,
    functools._lru_cache_wrapper: Copier._cached,
    weakref.ref: Copier._weakref,
    **dict.fromkeys(_ITERATORS, Copier._iterator),
    **dict.fromkeys(_LOCKS, Copier._lock),
}
