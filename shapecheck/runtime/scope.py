"""The bindings of one call, kept by us and lent to jaxtyping while it judges.

jaxtyping keeps the bindings of the running function on a thread-local stack. A generator or a
coroutine would find another function's bindings there when it goes on, so each call keeps its
own and puts them on the stack only for the length of one judgement.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

# jaxtyping has no public way to judge with given bindings: its `jaxtyped("context")` always
# starts empty. These four functions are the whole of what shapecheck uses of its internals.
from jaxtyping import _storage

from shapecheck.core.evidence import Binding

Memos = tuple[dict[str, Any], dict[str, Any], dict[str, Any], dict[str, Any]]

_current: Callable[[], Memos] = _storage.get_shape_memo


class Scope:
    """Names bound so far in one call, and the declaration that bound each."""

    __slots__ = ("_memos", "sources")

    def __init__(self, arguments: dict[str, Any]) -> None:
        self._memos: Memos = ({}, {}, {}, arguments)
        self.sources: dict[str, str] = {}

    @contextmanager
    def lent(self) -> Iterator[None]:
        """jaxtyping sees these bindings, and adds to them, inside the `with` block."""
        _storage.push_shape_memo({})
        _storage.set_shape_memo(*self._memos)
        try:
            yield
            self._memos = _current()
        finally:
            _storage.pop_shape_memo()

    def attribute(self, source: str) -> None:
        """Credit every name that has no source yet to the declaration just judged."""
        single, variadic = self._memos[0], self._memos[1]
        if len(single) + len(variadic) > len(self.sources):
            for name in (*single, *variadic):
                self.sources.setdefault(name, source)

    def bindings(self, memos: Memos | None = None, pending: str = "") -> tuple[Binding, ...]:
        """The bindings as evidence; names without a source yet are credited to `pending`."""
        single, variadic = (memos or self._memos)[:2]
        sizes: dict[str, Any] = {**single, **{k: tuple(v[1]) for k, v in variadic.items()}}
        return tuple(
            Binding(name, size, self.sources.get(name, pending)) for name, size in sizes.items()
        )

    def forget(self) -> None:
        """Let go of the arguments, so that a kept scope keeps no tensor alive."""
        self._memos = (*self._memos[:3], {})


def current_memos() -> Memos:
    """A copy of the bindings that jaxtyping works with right now."""
    single, variadic, trees, arguments = _current()
    return dict(single), dict(variadic), dict(trees), arguments


def restore_memos(memos: Memos) -> None:
    """Put back what `current_memos` returned."""
    single, variadic, trees, arguments = memos
    _storage.set_shape_memo(dict(single), dict(variadic), dict(trees), arguments)
