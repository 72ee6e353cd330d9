"""The bindings of one call, kept by us and lent to jaxtyping while it judges.

jaxtyping keeps the bindings of the running function on a thread-local stack. A generator or a
coroutine would find another function's bindings there when it goes on, so each call keeps its
own and puts them on the stack only for the length of one judgement, or while its body runs.
"""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any

# jaxtyping has no public way to judge with given bindings: its `jaxtyped("context")` always
# starts empty. These four functions are the whole of what shapecheck uses of its internals.
from jaxtyping import _storage

from shapecheck.core.evidence import Binding

if TYPE_CHECKING:
    from shapecheck.runtime.judging.pieces import Accept

Memos = tuple[dict[str, Any], dict[str, Any], dict[str, Any], dict[str, Any]]

_current: Callable[[], Memos] = _storage.get_shape_memo


class Scope:
    """Names bound so far in one call, and the declaration that bound each.

    jaxtyping sees these bindings, and adds to them, inside `with scope:`. Where the body of the
    call already runs inside one, a judgement works on what the body has bound.
    """

    __slots__ = ("_depth", "_lines", "_memos", "_sources")

    def __init__(self, arguments: dict[str, Any]) -> None:
        self._memos: Memos = ({}, {}, {}, arguments)
        self._sources: dict[str, str] = {}
        self._lines: dict[str, int] = {}
        self._depth = 0

    def __enter__(self) -> None:
        if self._depth == 0:
            _storage.push_shape_memo({})
            _storage.set_shape_memo(*self._memos)
        self._depth += 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._depth -= 1
        if self._depth == 0:
            self._memos = _current()
            _storage.pop_shape_memo()

    def anew(self) -> Scope:
        """Another scope of the same call, in which nothing is bound."""
        return Scope(self._now()[3])

    def bind(self, name: str, size: Any, source: str) -> None:
        """Give a name its size, or `*name` the sizes of its axes, as `source` has bound it.

        `*#name` may still be broadcast.
        """
        if name.startswith("*"):
            grows = name.startswith("*#")
            name = f"*{name.lstrip('*#')}"
            self._now()[1][name[1:]] = (grows, size)
        else:
            self._now()[0][name] = size
        self._sources[name] = source
        self._lines[name] = 0

    def accepts(
        self, accept: Accept, value: object, source: str, line: int = 0, *, keep: bool = True
    ) -> bool:
        """Whether a value is accepted; what it binds is credited, or forgotten without `keep`."""
        single, variadic, _, arguments = self._now()
        if not keep:
            single, variadic = dict(single), dict(variadic)
        taken = accept(value, single, variadic, arguments)
        if taken and keep:
            self.attribute(source, line)
        return taken

    def attribute(self, source: str, line: int = 0) -> None:
        """Credit every name that has no source yet to the declaration just judged."""
        single, variadic = self._now()[:2]
        if len(single) + len(variadic) > len(self._sources):
            for name in _names(single, variadic):
                if name not in self._sources:
                    self._sources[name] = source
                    self._lines[name] = line

    def release(self, first: int, last: int) -> None:
        """Forget what the declarations on these lines have bound: a loop begins another pass."""
        gone = [name for name, line in self._lines.items() if first <= line <= last]
        single, variadic = self._now()[:2]
        for name in gone:
            if name.startswith("*"):
                variadic.pop(name[1:], None)
            else:
                single.pop(name, None)
            del self._sources[name], self._lines[name]

    def bindings(self, memos: Memos | None = None, pending: str = "") -> tuple[Binding, ...]:
        """The bindings as evidence; names without a source yet are credited to `pending`.

        `*batch` stands for any number of axes, `*#batch` for such that may still be broadcast.
        """
        single, variadic = (memos or self._now())[:2]
        return tuple(
            Binding(name if name in single else _written(name, variadic), size, source)
            for name, size in _names(single, variadic).items()
            for source in [self._sources.get(name, pending)]
        )

    def _now(self) -> Memos:
        return _current() if self._depth else self._memos


def _names(single: dict[str, Any], variadic: dict[str, Any]) -> dict[str, Any]:
    return {**single, **{f"*{name}": tuple(sizes) for name, (_, sizes) in variadic.items()}}


def _written(name: str, variadic: dict[str, Any]) -> str:
    grows, _ = variadic[name[1:]]
    return f"*#{name[1:]}" if grows else name


def current_memos() -> Memos:
    """A copy of the bindings that jaxtyping works with right now."""
    single, variadic, trees, arguments = _current()
    return dict(single), dict(variadic), dict(trees), arguments


def restore_memos(memos: Memos) -> None:
    """Put back what `current_memos` returned."""
    single, variadic, trees, arguments = memos
    _storage.set_shape_memo(dict(single), dict(variadic), dict(trees), arguments)
