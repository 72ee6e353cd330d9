"""The probes of array code, from before numpy is there: what each operation met, and what it made.

Loads no numpy and no torch. Until somebody listens the probes hand on what they are given.
"""

from __future__ import annotations

import ast
import builtins
import sys
import threading
import traceback
from collections.abc import Mapping
from types import FrameType
from typing import Any, Protocol

from shapecheck.runtime.arrays.points import ArrayPoint
from shapecheck.runtime.arrays.probes import instrument

_MOST_WAITING = 200
_SEVERAL = 12
_MOST_SEEN = 100_000  # operations; a program that does more is understood by then
_MOST_ERRORS = 20


class _Nothing:
    """A kind of which there is no value."""


class Listener(Protocol):
    """What hears of operations on arrays."""

    arrays: type
    tensors: tuple[type, ...]

    def see(
        self, number: int, point: ArrayPoint, seen: Mapping[int, Any], made: Any, frame: FrameType
    ) -> None:
        """An operation met these, by slots, and made this."""

    def release(self, array: Any) -> None:
        """Keep nothing of this array."""


_Waiting = tuple[int, int, Any, int]  # point, slot, what it holds, id of the frame


class ArrayProbes:
    """The points of all code with probes, and who listens.

    Code finds the probes among the built-in names, as those of a trace. What was seen of an
    operation waits until it is done; it is dropped where the operation raised.
    """

    def __init__(self) -> None:
        self.points: list[ArrayPoint] = []
        self.errors: list[str] = []
        self.waiting: list[_Waiting] = []
        self._listener: Listener | None = None
        self._thread = 0
        self._seen = 0
        self._name = _free_name()
        self._kinds = _Kinds()
        for name, probe in _probes(self, self._kinds).items():
            setattr(builtins, f"{self._name}{name}__", probe)

    def attach(self, tree: ast.Module) -> None:
        """Put probes into the tree of a piece of code; it stays as it is where that fails."""
        try:
            made, points = instrument(tree, self._name, len(self.points))
        except RecursionError:  # nested so deeply that nothing more fits in
            return
        self.points += points
        tree.body = made.body

    def listen(self, listener: Listener | None) -> None:
        """From now on this one hears of what this thread does; nobody does if it is None."""
        self._listener = listener
        self.waiting.clear()
        self._thread = threading.get_ident()
        self._kinds.array = _Nothing if listener is None else listener.arrays
        self._kinds.tensors = () if listener is None else listener.tensors

    # -- what the probes do where there is an array -------------------------------------------

    def keep(self, number: int, slot: int, value: Any, frame: FrameType) -> None:
        """A value that an operation is about to meet."""
        if self._listener is None or threading.get_ident() != self._thread:
            return
        here = id(frame)
        waiting = self.waiting
        for at in range(len(waiting) - 1, -1, -1):
            if waiting[at][0] == number and waiting[at][1] >= slot and waiting[at][3] == here:
                del waiting[at:]  # what was left when this operation raised here
                break
        if len(waiting) > _SEVERAL:
            self._forget_dead(frame)
        waiting.append((number, slot, value, here))

    def keep_beside(self, number: int, slot: int, value: Any, frame: FrameType) -> None:
        """A value beside the array that the same operation is about to meet."""
        if self.waiting and self.waiting[-1][0] == number:
            self.keep(number, slot, value, frame)

    def done(self, number: int, made: Any, frame: FrameType) -> None:
        """An operation is done."""
        if threading.get_ident() != self._thread:
            return
        waiting, here = self.waiting, id(frame)
        mine = [i for i, one in enumerate(waiting) if one[0] == number and one[3] == here]
        if not mine:
            return
        seen = {waiting[i][1]: waiting[i][2] for i in mine}
        at = mine[0]  # what waits behind it was left by an operation that raised
        del waiting[at:]
        self.tell(number, seen, made, frame)

    def tell(self, number: int, seen: Mapping[int, Any], made: Any, frame: FrameType) -> None:
        """Hand on what was seen; the listener's failure is kept."""
        listener = self._listener
        if listener is None or threading.get_ident() != self._thread:
            return
        self._seen += 1
        if self._seen > _MOST_SEEN:
            self.listen(None)
            return
        try:
            listener.see(number, self.points[number], seen, made, frame)
        except Exception:
            if len(self.errors) < _MOST_ERRORS:
                self.errors.append(traceback.format_exc())

    def release(self, array: Any) -> None:
        """An array is about to be resized, which numpy refuses where anything refers to it."""
        if self._listener is not None:
            self.waiting[:] = [one for one in self.waiting if one[2] is not array]
            self._listener.release(array)

    def _forget_dead(self, frame: FrameType | None) -> None:
        living = set()
        while frame is not None:
            living.add(id(frame))
            frame = frame.f_back
        self.waiting[:] = [one for one in self.waiting if one[3] in living][-_MOST_WAITING:]


class _Kinds:
    """What the probes look for: arrays, and tensors that arrays are made of."""

    __slots__ = ("array", "tensors")

    def __init__(self) -> None:
        self.array: type = _Nothing
        self.tensors: tuple[type, ...] = ()


def _probes(watch: ArrayProbes, kinds: _Kinds) -> dict[str, Any]:
    """What the code calls, by the ends of the names."""
    found = (*_before(watch, kinds), *_after(watch, kinds))
    return {probe.__name__: probe for probe in found}


def _before(watch: ArrayProbes, kinds: _Kinds) -> tuple[Any, ...]:
    """The probes around operands."""
    waiting, frame_of = watch.waiting, sys._getframe

    def given(number: int, slot: int, value: Any) -> Any:
        """An operand."""
        if type(value) is kinds.array:
            watch.keep(number, slot, value, frame_of(1))
        return value

    def passed(number: int, slot: int, value: Any) -> Any:
        """An argument beside an array."""
        if waiting:
            watch.keep_beside(number, slot, value, frame_of(1))
        return value

    def kept(number: int, slot: int, value: Any) -> Any:
        """An argument of a function of numpy's."""
        if kinds.array is not _Nothing:
            watch.keep(number, slot, value, frame_of(1))
        return value

    def handed(number: int, slot: int, value: Any) -> Any:
        """A tensor that an array is made of."""
        if type(value) in kinds.tensors:
            watch.keep(number, slot, value, frame_of(1))
        return value

    return given, passed, kept, handed


def _after(watch: ArrayProbes, kinds: _Kinds) -> tuple[Any, ...]:
    """The probes around what was made, and beside what changes."""
    waiting, frame_of = watch.waiting, sys._getframe

    def made(number: int, value: Any) -> Any:
        """What an operation made."""
        if waiting:
            watch.done(number, value, frame_of(1))
        return value

    def drawn(number: int, value: Any) -> Any:
        """What is made of sizes alone."""
        if type(value) is kinds.array:
            watch.tell(number, {}, value, frame_of(1))
        return value

    def told(number: int, slot: int, value: Any) -> None:
        """A variable was changed in place."""
        if waiting and type(value) is kinds.array:
            watch.keep(number, slot, value, frame_of(1))
            watch.done(number, value, frame_of(1))

    def released(number: int, value: Any) -> Any:
        """What may be an array is about to change its size."""
        if type(value) is kinds.array:
            watch.release(value)
        return value

    return made, drawn, told, released


def _free_name() -> str:
    """A beginning of names that no built-in has."""
    number = 0
    while hasattr(builtins, f"__shapecheck_array_{number}_given__"):
        number += 1
    return f"__shapecheck_array_{number}_"
