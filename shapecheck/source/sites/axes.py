"""Axes of size 1 that come and go: `unsqueeze`, `None` in an index, `squeeze`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from shapecheck.core.site import SiteKind
from shapecheck.source.sites.operation import (
    Draft,
    Edit,
    Operation,
    integer,
    number,
    operation,
    other_dims,
)
from shapecheck.source.sites.scope import Scope, Value

_ADDS = ("unsqueeze", "expand_dims")


def find(node: ast.expr, scope: Scope) -> Iterator[Draft]:
    """The site that a node is, if it is one of these."""
    if isinstance(node, ast.Subscript):
        yield from _none_index(node, scope)
        return
    call = operation(node, scope)
    if call is None or call.subject is None:
        return
    if call.name in _ADDS:
        yield Draft(SiteKind.UNSQUEEZE, node, list(_unsqueeze(call)), call.subject)
    elif call.name == "squeeze":
        yield Draft(SiteKind.SQUEEZE, node, list(_squeeze(call)), call.subject)


def _unsqueeze(call: Operation) -> Iterator[Edit]:
    assert call.subject is not None
    dim = call.given(0, "dim", "axis")
    yield "dropped", call.subject
    if dim is not None:
        if integer(dim) == 0:
            yield (
                "dim 0 → -1",
                call.giving(number(-1), 0, "dim", "axis"),
            )
        for change, other in other_dims(dim):
            yield change, call.giving(other, 0, "dim", "axis")
    yield "doubled", call.rebuilt(subject=call.node)


def _squeeze(call: Operation) -> Iterator[Edit]:
    assert call.subject is not None
    dim = call.given(0, "dim", "axis")
    if dim is None:
        yield "dim left out → 0", call.giving(number(0), 0, "dim", "axis")
        yield (
            "dim left out → -1",
            call.giving(number(-1), 0, "dim", "axis"),
        )
    else:
        yield "dim left out", call.without(0, "dim", "axis")
        for change, other in other_dims(dim):
            yield change, call.giving(other, 0, "dim", "axis")
    yield "dropped", call.subject


def _none_index(node: ast.Subscript, scope: Scope) -> Iterator[Draft]:
    elements = index_elements(node)
    nones = [i for i, element in enumerate(elements) if is_new_axis(element, scope)]
    if not nones or not _indexes_an_array(node, elements, scope):
        return
    edits: list[Edit] = []
    for i in nones:
        rest = elements[:i] + elements[i + 1 :]
        edits.append(("dropped", reindexed(node, rest)))
        edits += [
            ("moved", reindexed(node, swapped_with_slice(elements, i, j)))
            for j in (i + 1, i - 1)
            if j >= 0
        ]
        edits.append(("doubled", reindexed(node, [*elements[: i + 1], *elements[i:]])))
    yield Draft(SiteKind.UNSQUEEZE, node, edits, node.value)


def _indexes_an_array(node: ast.Subscript, elements: list[ast.expr], scope: Scope) -> bool:
    """`tuple[int, None]` is a type, and `table[None]` may look up a key."""
    value = scope.value(node.value)
    sliced = any(isinstance(e, ast.Slice) or is_ellipsis(e) for e in elements)
    return value is Value.TENSOR or (value is Value.UNKNOWN and (sliced or len(elements) == 1))


def is_new_axis(element: ast.expr, scope: Scope) -> bool:
    """Whether an index element is `None` or `np.newaxis`."""
    bare = isinstance(element, ast.Constant) and element.value is None
    return bare or scope.dotted(element).endswith(".newaxis")


def index_elements(node: ast.Subscript) -> list[ast.expr]:
    """What stands between the brackets."""
    return list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]


def is_full(element: ast.expr) -> bool:
    """Whether an index element is a bare `:`."""
    return isinstance(element, ast.Slice) and element.lower is element.upper is element.step is None


def is_ellipsis(element: ast.expr) -> bool:
    """Whether an index element is `...`."""
    return isinstance(element, ast.Constant) and element.value is ...


def reindexed(node: ast.Subscript, elements: list[ast.expr]) -> ast.expr:
    """The same tensor under another index; the tensor itself where nothing is left of it.

    A `:` at the end says nothing and is left out, unless an ellipsis before it makes it count.
    """
    kept = list(elements)
    while kept and is_full(kept[-1]) and not any(map(is_ellipsis, kept)):
        kept.pop()
    if not kept and isinstance(node.ctx, ast.Load):
        return node.value
    kept = kept or [ast.Slice()]
    inner = kept[0] if len(kept) == 1 else ast.Tuple(kept, ast.Load())
    return ast.Subscript(node.value, inner, node.ctx)


def swapped_with_slice(elements: list[ast.expr], i: int, j: int) -> list[ast.expr]:
    """The elements with the i-th moved to place j, over a `:` that is added where none stands."""
    padded = list(elements) + [ast.Slice()] * max(0, j + 1 - len(elements))
    padded[i], padded[j] = padded[j], padded[i]
    return padded
