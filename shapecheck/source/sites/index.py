"""Indices that drop or choose an axis, and sizes that are read from one."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from shapecheck.core.site import SiteKind
from shapecheck.source.sites.axes import (
    index_elements,
    is_ellipsis,
    is_full,
    is_new_axis,
    reindexed,
)
from shapecheck.source.sites.operation import (
    Draft,
    Edit,
    integer,
    operation,
    other_dims,
    swapped,
)
from shapecheck.source.sites.scope import Scope, Value

_CHOOSE = {"select": 0, "gather": 0, "index_select": 0, "narrow": 0, "take_along_dim": 1}


def find(node: ast.expr, scope: Scope) -> Iterator[Draft]:
    """The site that a node is, if it is one of these."""
    if isinstance(node, ast.Subscript):
        if isinstance(node.value, ast.Attribute) and node.value.attr == "shape":
            if isinstance(node.ctx, ast.Load):
                yield from _size_of(node)
        elif not isinstance(node.ctx, ast.Del):
            yield from _index(node, scope)
        return
    call = operation(node, scope)
    if call is None or call.subject is None:
        return
    position = _CHOOSE.get(call.name)
    dim = call.given(position, "dim", "axis") if position is not None else None
    if position is not None and dim is not None and _is_dim(dim, scope):
        edits = [(c, call.giving(d, position, "dim", "axis")) for c, d in other_dims(dim)]
        yield Draft(SiteKind.INDEX, node, edits, call.subject)
    elif call.name == "size" and (dim := call.given(0, "dim")) is not None and not call.function:
        edits = [(c, call.giving(d, 0, "dim")) for c, d in other_dims(dim)]
        yield Draft(SiteKind.SIZE, node, edits, call.subject)


def _is_dim(dim: ast.expr, scope: Scope) -> bool:
    """`selector.select(timeout)` and `df.select("x")` name no axis."""
    text = isinstance(dim, ast.Constant) and not isinstance(dim.value, int)
    return not text and scope.value(dim) is not Value.TENSOR


def _size_of(node: ast.Subscript) -> Iterator[Draft]:
    if integer(node.slice) is None or not isinstance(node.value, ast.Attribute):
        return
    edits = [(c, ast.Subscript(node.value, d, node.ctx)) for c, d in other_dims(node.slice)]
    yield Draft(SiteKind.SIZE, node, [*edits], node.value.value)


def _index(node: ast.Subscript, scope: Scope) -> Iterator[Draft]:
    elements = index_elements(node)
    if not _indexes_a_tensor(node, elements, scope):
        return
    edits: list[Edit] = []
    for i, element in enumerate(elements):
        if _chooses(element, scope):
            edits += _moved(node, elements, i)
    for i, element in enumerate(elements):
        if _drops(element, scope):
            kept = [*elements[:i], _as_slice(element), *elements[i + 1 :]]
            edits.append(("axis kept", reindexed(node, kept)))
    if edits:
        yield Draft(SiteKind.INDEX, node, edits, node.value)


def _indexes_a_tensor(node: ast.Subscript, elements: list[ast.expr], scope: Scope) -> bool:
    """A lone `x[0]` may index a list or a dict; `x[:, 0]` and `x[..., 0]` index an array."""
    value = scope.value(node.value)
    if value is Value.OTHER or scope.is_foreign(node.value):
        return False
    if value is Value.TENSOR:
        return True
    array_like = (is_full(e) or is_ellipsis(e) or isinstance(e, ast.Slice) for e in elements)
    return len(elements) > 1 and any(array_like)


def _chooses(element: ast.expr, scope: Scope) -> bool:
    nothing = is_full(element) or is_ellipsis(element) or is_new_axis(element, scope)
    return not nothing and not _is_mask(element, scope)


def _is_mask(element: ast.expr, scope: Scope) -> bool:
    """`x[x > 0]` picks values; it spans the axes of the mask and drops none by itself."""
    return isinstance(element, ast.Compare) or scope.value(element) is Value.TENSOR


def _drops(element: ast.expr, scope: Scope) -> bool:
    if isinstance(element, ast.Slice) or not _chooses(element, scope):
        return False
    return integer(element) is not None or scope.value(element) is Value.OTHER


def _moved(node: ast.Subscript, elements: list[ast.expr], i: int) -> Iterator[Edit]:
    """The choice made on the axis before, or on the next one."""
    last = i == len(elements) - 1
    if i > 0 and is_full(elements[i - 1]):
        yield "axis moved", reindexed(node, swapped(elements, i, i - 1))
    if i > 0 and is_ellipsis(elements[i - 1]):
        yield "axis moved", reindexed(node, [*elements, ast.Slice()])
    elif last and not any(is_ellipsis(e) for e in elements):
        yield "axis moved", reindexed(node, swapped([*elements, ast.Slice()], i, i + 1))
    elif not last and not is_ellipsis(elements[i + 1]):
        yield "axis moved", reindexed(node, swapped(elements, i, i + 1))


def _as_slice(element: ast.expr) -> ast.expr:
    """The same place, its axis kept: `-1` as `-1:`, `t` as `t:t + 1`."""
    if integer(element) == -1:
        return ast.Slice(lower=element)
    value = integer(element)
    if value is not None:
        return ast.Slice(lower=element, upper=ast.Constant(value + 1))
    return ast.Slice(lower=element, upper=ast.BinOp(element, ast.Add(), ast.Constant(1)))
