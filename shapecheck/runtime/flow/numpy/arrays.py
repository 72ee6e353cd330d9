"""What numpy did to an array before a tensor was made of it, as far as the array still tells.

A reshaped array is a view: its `base` is the array as it was, with the shape it had.
"""

from __future__ import annotations

import ast
import functools
import sys
from dataclasses import replace
from math import prod
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from shapecheck.core.facts import Reshape
from shapecheck.core.site import Place
from shapecheck.runtime.flow.axes import Axes
from shapecheck.runtime.flow.call import Call
from shapecheck.runtime.flow.order.factoring import permuted, regrouped
from shapecheck.runtime.flow.wording.counting import assigned
from shapecheck.runtime.flow.wording.reading import text_of

if TYPE_CHECKING:
    from shapecheck.runtime.tracker import Tracker

_COUNTS = ("arange", "linspace", "meshgrid")
_MOST_STEPS = 6
_MOST_LINES = 1000


class Arrays:
    """Sees which arrays `torch.from_numpy` is given: no function mode does."""

    def __init__(self, tracker: Tracker) -> None:
        self._tracker = tracker
        self._seen: set[Any] = set()
        self._original: Any = None

    def begin(self) -> None:
        """Stand in for the function."""
        original = self._original = torch.from_numpy

        @functools.wraps(original)
        def from_numpy(array: Any) -> Tensor:
            result: Tensor = original(array)
            self._tracker.guarded(self._given, array, result)
            return result

        torch.from_numpy = from_numpy  # type: ignore[assignment]  # reason: put back by end()

    def end(self) -> None:
        """Everything as it was."""
        if self._original is not None:
            torch.from_numpy = self._original
            self._original = None

    def _given(self, array: Any, result: Tensor) -> None:
        base = _shape(getattr(array, "base", None))
        frames = self._tracker.frames.chain(sys._getframe(2), 2) if base else []
        key = (frames[0].f_code, frames[0].f_lasti, array.shape, base) if frames else None
        if key is None or key in self._seen or len(self._seen) > _MOST_LINES:
            return
        self._seen.add(key)
        call = Call(self._tracker, "from_numpy", (array,), {}, result, frames)
        node = call.written
        fact = reordering(call, array, node.args[0] if node is not None and node.args else None)
        if fact is None:
            return
        if _looked_at(call, node):  # a lesson on views, until something computes with it
            axes = self._tracker.before(result)
            axes.marks = replace(axes.marks, waiting=fact)
        else:
            call.emit(fact)


def reshaped(call: Call, array: Any, given: ast.expr | None) -> None:
    """Record a reshape by numpy that asks for the sizes in another order than they have.

    `given` is the array as it is written where a tensor is made of it.
    """
    fact = reordering(call, array, given)
    if fact is not None:
        call.emit(fact)


def reordering(call: Call, array: Any, given: ast.expr | None) -> Reshape | None:
    """The reshape that gave an array its sizes, where these are others in another order."""
    shape, base = _shape(array), getattr(array, "base", None)
    before = _shape(base)
    if base is None or shape is None or before is None or prod(shape) != prod(before):
        return None
    if not (array.flags.c_contiguous and base.flags.c_contiguous) or 0 in shape:
        return None
    followed = call.tracker.arrays
    if followed is not None and followed.saw(array):
        return None  # what reshaped it has been judged where it stands
    source = call.unknown(before)
    turned, mixed = permuted(source.items, shape), regrouped(source.items, shape)
    if not (turned or mixed):
        return None
    place, text, counted = _written(call, given)
    operand = Call.described(Axes(source.items, "numpy"), text)
    return Reshape(
        place=place,
        operation="reshape",
        source=operand,
        target=shape,
        texts=("",) * len(shape),
        held=(),
        wanted=(None,) * len(shape),
        permuted=turned,
        regrouped=mixed,
        counted=counted,
    )


def _looked_at(call: Call, node: ast.Call | None) -> bool:
    """True where the tensor is kept under no name: `print(torch.from_numpy(…).shape)`."""
    statement = call.source.statement(node) if call.source is not None and node else None
    return isinstance(statement, ast.Expr)


def _shape(array: Any) -> tuple[int, ...] | None:
    """The shape of a numpy array; None for anything else."""
    if type(array).__module__ != "numpy" or not hasattr(array, "flags"):
        return None
    shape = getattr(array, "shape", None)
    return shape if isinstance(shape, tuple) else None


def _written(call: Call, given: ast.expr | None) -> tuple[Place, str, bool]:
    """The line of the reshape, what is reshaped as written, and whether it is a count."""
    first = text_of(given)
    for _ in range(_MOST_STEPS):
        found = _reshape_in(given)
        if found is not None:
            names = (n.attr for n in ast.walk(found) if isinstance(n, ast.Attribute))
            place = Place(call.place.file, found.lineno, found.col_offset, call.place.function)
            return place, text_of(_subject(found)), any(name in _COUNTS for name in names)
        names_in = ast.walk(given) if given is not None else iter(())
        name = next((n for n in names_in if isinstance(n, ast.Name)), None)
        given = assigned(call.source, name) if name is not None and call.source else None
    return call.place, first, False


def _reshape_in(node: ast.expr | None) -> ast.Call | None:
    for one in ast.walk(node) if node is not None else ():
        called = one.func if isinstance(one, ast.Call) else None
        if isinstance(called, ast.Attribute) and called.attr == "reshape":
            assert isinstance(one, ast.Call)
            return one
    return None


def _subject(node: ast.Call) -> ast.expr:
    assert isinstance(node.func, ast.Attribute)
    base = node.func.value
    module = isinstance(base, ast.Name) and base.id in ("np", "numpy")
    return node.args[0] if module and node.args else base
