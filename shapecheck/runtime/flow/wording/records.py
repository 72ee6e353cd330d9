"""The axis that the items of a list make, the same wherever the list is gone through."""

from __future__ import annotations

import ast
from types import CodeType
from typing import Any

from shapecheck.core.axis import Role
from shapecheck.core.facts import Witness
from shapecheck.core.site import Place
from shapecheck.runtime.flow.axes import Identity
from shapecheck.runtime.flow.wording.meaning import counts_samples
from shapecheck.runtime.flow.wording.reading import Source

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.Module
_Key = tuple[str, int, str, int]  # file, line of the function, name of the list, number of items


class Records:
    """List variables, each with the axis that its items make.

    The list that a DataLoader gives to its `collate_fn` is a batch.
    """

    def __init__(self) -> None:
        self._made: dict[_Key, Identity] = {}
        self._collating: dict[tuple[str, int], Identity] = {}

    def collates(self, function: Any, place: Place) -> None:
        """The DataLoader made here hands the samples of a batch to this function, as a list."""
        code = _code(function)
        if code is not None:
            batch = Identity("DataLoader", place)
            said = "the DataLoader gives collate_fn the samples of a batch"
            batch.witness(Witness(Role.BATCH, place, said, "loader"))
            self._collating[code.co_filename, code.co_firstlineno] = batch

    def axis(self, source: Source, name: ast.Name, file: str, place: Place, size: int) -> Identity:
        """The axis of a list variable with this number of items."""
        function = function_around(source, name)
        line = getattr(function, "lineno", 0)
        batch = self._collating.get((file, line))
        if batch is not None and name.id in _first(function):
            return batch
        key = (file, line, name.id, size)
        identity = self._made.get(key)
        if identity is None:
            identity = self._made[key] = Identity(f"items of {name.id}", place)
            if counts_samples(name.id):
                said = f"its indices count the items of {name.id}"
                identity.names[name.id] = place
                identity.witness(Witness(Role.BATCH, place, said, weak=True))
        return identity


def function_around(source: Source, node: ast.AST) -> Function:
    """The function, or the module, that a name belongs to."""
    at: ast.AST | None = node
    while at is not None and not isinstance(at, Function):
        at = source.parent(at)
    return at if isinstance(at, Function) else source.tree


def _first(function: Function) -> set[str]:
    """The first argument of a function; of a method the first after `self`."""
    if isinstance(function, ast.Module):
        return set()
    names = [argument.arg for argument in function.args.args]
    return set(names[1:2] if names[:1] == ["self"] else names[:1])


def _code(function: Any) -> CodeType | None:
    function = getattr(function, "func", function)  # functools.partial
    function = getattr(function, "__func__", function)
    if not hasattr(function, "__code__"):
        function = type(function).__call__
    code = getattr(function, "__code__", None)
    return code if isinstance(code, CodeType) else None
