"""The sizes that a reshape is given, as they are written."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shapecheck.runtime.flow.call import Call


def size_nodes(call: Call, position: int, name: str, count: int) -> tuple[ast.expr | None, ...]:
    """The expressions of the target sizes as written, None where they cannot be told."""
    node = call.written
    none: tuple[ast.expr | None, ...] = (None,) * count
    if node is None or any(isinstance(a, ast.Starred) for a in node.args):
        return none
    given: list[ast.expr] = [k.value for k in node.keywords if k.arg in (name, "size", "shape")]
    if not given:
        given = list(node.args[position - 1 if call.called_as_method else position :])
    if len(given) == 1 and isinstance(given[0], (ast.Tuple, ast.List)):
        given = list(given[0].elts)
    elif len(given) == 1 and count > 1 and _whole_shape(given[0]):
        given = [_size(given[0], at) for at in range(count)]
    if len(given) != count or any(isinstance(g, ast.Starred) for g in given):
        return none
    return tuple(given)


def _whole_shape(node: ast.expr) -> bool:
    """True for `x.shape` and `x.size()`: all sizes at once."""
    if isinstance(node, ast.Call):
        bare = not node.args and not node.keywords
        return bare and isinstance(node.func, ast.Attribute) and node.func.attr == "size"
    return isinstance(node, ast.Attribute) and node.attr == "shape"


def _size(shape: ast.expr, at: int) -> ast.expr:
    """`x.shape[at]`, where `x.shape` stands in the source."""
    number = ast.copy_location(ast.Constant(at), shape)
    return ast.copy_location(ast.Subscript(shape, number, ast.Load()), shape)
