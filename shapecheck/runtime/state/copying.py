"""Copies whole graphs of objects so that what is shared stays shared; refuses what it cannot prove.

Unlike `copy.deepcopy` it keeps gradients, copies non-leaf tensors, views and weak references, and
runs no method of the user's classes. Functions, classes and modules are not copied: what they
hold is exchanged in place during a replay (`reach.py`), so they are announced to `reached`.
"""

from __future__ import annotations

import array
import collections
import enum
import functools
import io
import itertools
import logging
import random
import threading
import types
import typing
import weakref
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import torch

from shapecheck.runtime.state.memory import Memory, NoCopyError
from shapecheck.runtime.state.objects import ATOMS, BASES, builtin_base, has_del, is_plain, slots
from shapecheck.runtime.state.trusted import trusted_module

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
        if kind in ATOMS:
            return value
        key, memo = id(value), self._memo
        if key in memo:
            return memo[key]
        self._left -= 1
        if self._left < 0:
            raise NoCopyError("state of too many objects")
        try:
            copied = self._fresh(value, kind)
        except RecursionError:
            raise NoCopyError("state nested too deeply") from None
        if key in memo:  # it was remembered before it grew
            return memo[key]
        memo[key] = copied
        self._originals.append(value)
        return copied

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
        if isinstance(
            value, types.BuiltinFunctionType
        ):  # a method of a C class has a type of its own
            return self._builtin(value)
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
            for hook in (original._backward_hooks or {}).values():
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
        new: dict[Any, Any] = type(original)()
        self._remember(original, new)
        if original:
            self._count(original)
            for key, held in list(original.items()):
                new[self.copy(key)] = self.copy(held)
        if getattr(original, "__dict__", None):  # an OrderedDict may have attributes
            new.__dict__.update({name: self.copy(held) for name, held in vars(original).items()})
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
        limits: Any = original.cache_parameters()
        return functools.lru_cache(limits["maxsize"], limits["typed"])(original.__wrapped__)

    def _weakref(self, original: weakref.ref[Any]) -> Any:
        target = original()
        if target is None:
            return original
        if getattr(original, "__callback__", None) is not None:
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

    def _stream(self, original: Any) -> Any:
        """A file in memory."""
        if original.closed:
            raise NoCopyError("a closed stream")
        new = type(original)(original.getvalue())
        new.seek(original.tell())
        return new

    def _lock(self, original: Any) -> Any:
        return type(original)() if type(original) is _LOCKS[1] else threading.Lock()

    # Instances of classes written in Python

    def _instance(self, original: Any, kind: type) -> Any:
        if isinstance(original, BaseException):
            raise NoCopyError("an exception")
        if has_del(kind) and not trusted_module(kind.__module__):
            raise NoCopyError(f"a {kind.__name__}, which has a __del__")
        base = builtin_base(kind)
        if base not in BASES or not is_plain(kind, base):
            raise NoCopyError(f"a {kind.__module__}.{kind.__qualname__}")
        self._announce(kind)
        new = self._base(original, kind, base)
        for name, held in list(getattr(original, "__dict__", {}).items()):
            new.__dict__[name] = self.copy(held)
        for slot in slots(kind):
            try:
                held = slot.__get__(original, kind)
            except AttributeError:
                continue
            slot.__set__(new, self.copy(held))
        if isinstance(new, torch.nn.Module):
            self.modules.append(new)
        return new

    def _base(self, original: Any, kind: type, base: type) -> Any:
        """A new instance with the content of its built-in base, remembered before it grows."""
        make: Any = base.__new__
        if base is tuple:
            items = tuple(self.copy(item) for item in original)
            return self._remember(original, tuple.__new__(kind, items))
        if base in (int, float, str, bytes, complex):
            return self._remember(original, make(kind, base(original)))
        new = self._remember(original, make(kind))
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
            set.update(new, map(self.copy, original))
        return new


def _maxlen(original: Any, base: type) -> Iterable[Any]:
    return (original.maxlen,) if base is collections.deque else ()


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
    collections.OrderedDict: Copier._dict,
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
    io.StringIO: Copier._stream,
    io.BytesIO: Copier._stream,
    **dict.fromkeys(_ITERATORS, Copier._iterator),
    **dict.fromkeys(_LOCKS, Copier._lock),
}
