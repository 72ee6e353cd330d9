"""Along which axis tensors are joined or parted."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from shapecheck.core.site import SiteKind
from shapecheck.source.sites.operation import (
    Draft,
    Edit,
    Operation,
    number,
    operation,
    other_dims,
)
from shapecheck.source.sites.scope import Scope

_JOIN = ("cat", "concat", "concatenate", "stack")
_PART = {"split": 1, "chunk": 1, "tensor_split": 1, "array_split": 1, "unbind": 0}
_DIM = ("dim", "axis")


def find(node: ast.expr, scope: Scope) -> Iterator[Draft]:
    """The site that a node is, if it is one of these."""
    call = operation(node, scope)
    if call is None or call.subject is None:
        return
    if call.name in _JOIN and call.function:
        yield Draft(SiteKind.JOIN, node, list(_along(call, 0)), call.subject)
    elif call.name in _PART and _parts_a_tensor(call):
        yield Draft(SiteKind.JOIN, node, list(_along(call, _PART[call.name])), call.subject)


def _parts_a_tensor(call: Operation) -> bool:
    """`"a,b".split(",")` and `line.split()` part a string."""
    first = call.args[0] if call.args else None
    if isinstance(first, ast.JoinedStr) or (
        isinstance(first, ast.Constant) and not isinstance(first.value, int)
    ):
        return False
    if call.sure or any(k.arg in _DIM for k in call.keywords):
        return True
    if first is None or call.name == "unbind":
        return False  # a widget has unbind(…) too, and nothing here says tensor
    listed = isinstance(first, (ast.List, ast.Tuple, ast.Constant))
    return len(call.args) == 2 or listed


def _along(call: Operation, position: int) -> Iterator[Edit]:
    dim = call.given(position, *_DIM)
    if dim is not None:
        for change, other in other_dims(dim):
            yield change, call.giving(other, position, *_DIM)
        return
    named = "axis" if call.name in ("concatenate", "array_split") else "dim"
    yield "dim left out → 1", call.giving(number(1), -1, named)
    yield "dim left out → -1", call.giving(number(-1), -1, named)
