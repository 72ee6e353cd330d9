"""Sizes regrouped, axes reordered, axes repeated."""

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
    swapped,
)
from shapecheck.source.sites.scope import Scope, Value

_REGROUP = ("view", "reshape")
_SWAP = ("transpose", "swapaxes", "swapdims", "movedim", "moveaxis")
_REPEAT = ("repeat", "tile", "expand", "broadcast_to")
# Names that hold settings: `self.T` and `config.T` are a number of steps, not a transpose.
_SETTINGS = ("self", "cls", "args", "cfg", "config", "opt", "hparams", "params", "np", "torch")


def find(node: ast.expr, scope: Scope) -> Iterator[Draft]:
    """The site that a node is, if it is one of these."""
    if isinstance(node, ast.Attribute):
        yield from _attribute(node, scope)
        return
    call = operation(node, scope)
    if call is None or call.subject is None:
        return
    if call.name in _REGROUP and not _is_dtype(call, scope):
        yield Draft(SiteKind.RESHAPE, node, list(_regroup(call)), call.subject)
    elif call.name in ("flatten", "ravel"):
        yield Draft(SiteKind.RESHAPE, node, list(_flatten(call)), call.subject)
    elif call.name == "unflatten" and len(call.args) + len(call.keywords) >= 2:
        yield Draft(SiteKind.RESHAPE, node, list(_unflatten(call)), call.subject)
    elif call.name == "permute" or (call.name == "transpose" and _is_numpy_order(call)):
        yield Draft(SiteKind.ORDER, node, list(_permute(call)), call.subject)
    elif call.name in _SWAP and len(call.args) + len(call.keywords) >= 2:
        yield Draft(SiteKind.ORDER, node, list(_swap(call)), call.subject)
    elif call.name == "t" and not call.args:
        yield Draft(SiteKind.ORDER, node, [("dropped", call.subject)], call.subject)
    elif call.name in _REPEAT and _has_sizes(call):
        yield Draft(SiteKind.REPEAT, node, list(_repeat(call)), call.subject)
    elif call.name == "repeat_interleave":
        yield Draft(SiteKind.REPEAT, node, list(_interleave(call)), call.subject)
    elif call.name == "expand_as":
        yield Draft(SiteKind.REPEAT, node, [("dropped", call.subject)], call.subject)


def sizes(call: Operation) -> list[ast.expr] | None:
    """The sizes that a call is given, bare or as one tuple."""
    items = call.args
    if len(items) == 1 and isinstance(items[0], (ast.Tuple, ast.List)):
        items = items[0].elts
    for keyword in call.keywords:
        tuple_given = isinstance(keyword.value, (ast.Tuple, ast.List))
        if keyword.arg in ("shape", "size", "dims", "newshape", "repeats") and tuple_given:
            items = getattr(keyword.value, "elts", [])
    return None if not items or any(isinstance(i, ast.Starred) for i in items) else list(items)


def resized(call: Operation, items: list[ast.expr]) -> ast.Call:
    """The call with other sizes, written the way its own were."""
    if len(call.args) == 1 and isinstance(call.args[0], (ast.Tuple, ast.List)):
        return call.rebuilt([ast.Tuple(items, ast.Load())])
    if call.args:
        return call.rebuilt(items)
    new = ast.Tuple(items, ast.Load())
    keywords = [
        ast.keyword(k.arg, new) if isinstance(k.value, (ast.Tuple, ast.List)) else k
        for k in call.keywords
    ]
    return call.rebuilt(keywords=keywords)


def _is_dtype(call: Operation, scope: Scope) -> bool:
    """`x.view(torch.int32)` reads the bits anew and regroups nothing."""
    return len(call.args) == 1 and bool(scope.dotted(call.args[0]))


def _regroup(call: Operation) -> Iterator[Edit]:
    assert call.subject is not None
    items = sizes(call)
    if items:
        for i in range(len(items) - 1):
            yield "sizes swapped", resized(call, swapped(items, i, i + 1))
        if len(items) > 1:
            yield "flattened", resized(call, [number(-1)])
    yield "dropped", call.subject


def _flatten(call: Operation) -> Iterator[Edit]:
    assert call.subject is not None
    start = call.given(0, "start_dim")
    if start is not None:
        for change, other in other_dims(start):
            yield change.replace("dim", "start_dim"), call.giving(other, 0, "start_dim")
    elif call.name == "flatten":
        yield "start_dim left out → 1", call.giving(ast.Constant(1), 0, "start_dim")
    yield "dropped", call.subject


def _unflatten(call: Operation) -> Iterator[Edit]:
    assert call.subject is not None
    parts = call.given(1, "sizes", "unflattened_size")
    if isinstance(parts, (ast.Tuple, ast.List)):
        for i in range(len(parts.elts) - 1):
            new = ast.Tuple(swapped(parts.elts, i, i + 1), ast.Load())
            yield "sizes swapped", call.giving(new, 1, "sizes", "unflattened_size")
    dim = call.given(0, "dim")
    if dim is not None:
        for change, other in other_dims(dim):
            yield change, call.giving(other, 0, "dim")
    yield "dropped", call.subject


def _is_numpy_order(call: Operation) -> bool:
    """`a.transpose(0, 2, 1)` or `np.transpose(a, (1, 0))`: numpy's word for permute."""
    return len(call.args) > 2 or (
        len(call.args) <= 1 and not any(k.arg in ("dim0", "dim1") for k in call.keywords)
    )


def _permute(call: Operation) -> Iterator[Edit]:
    assert call.subject is not None
    items = sizes(call) or []
    order = [integer(item) for item in items]
    known = [o for o in order if o is not None]
    if len(known) == len(order) and sorted(known) == list(range(len(known))):
        inverse = [known.index(i) for i in range(len(known))]
        yield "inverted", resized(call, [number(i) for i in inverse])
    for i in range(len(items) - 1):
        yield "axes swapped", resized(call, swapped(items, i, i + 1))
    yield "dropped", call.subject


def _swap(call: Operation) -> Iterator[Edit]:
    assert call.subject is not None
    yield "dropped", call.subject
    names = (("dim0", "axis0", "source", "axis1"), ("dim1", "destination", "axis2"))
    first, second = call.given(0, *names[0]), call.given(1, *names[1])
    if first is None or second is None:
        return
    for position, dim, fixed in ((1, second, first), (0, first, second)):
        for change, other in other_dims(dim):
            if integer(other) != integer(fixed) or integer(other) is None:
                yield change, call.giving(other, position, *names[position])
    if call.name.startswith("move") and len(call.args) == 2:
        yield "direction turned round", call.rebuilt(swapped(call.args, 0, 1))


def _has_sizes(call: Operation) -> bool:
    items = sizes(call)
    if not items or (call.name != "repeat" and call.function and call.name == "expand"):
        return False
    texts = any(isinstance(i, ast.Constant) and isinstance(i.value, str) for i in items)
    return not texts and (call.sure or len(items) > 1 or integer(items[0]) is not None)


def _repeat(call: Operation) -> Iterator[Edit]:
    assert call.subject is not None
    items = sizes(call) or []
    for i in range(len(items) - 1):
        yield "sizes swapped", resized(call, swapped(items, i, i + 1))
    yield "dropped", call.subject
    if call.name == "repeat" and not call.function and len(items) > 1:
        many = [i for i, item in enumerate(items) if integer(item) != 1]
        if len(many) == 1:
            dim = ast.keyword("dim", ast.Constant(many[0]))
            new = call.rebuilt([items[many[0]]], [dim], name="repeat_interleave")
            yield "repeat → repeat_interleave", new


def _interleave(call: Operation) -> Iterator[Edit]:
    assert call.subject is not None
    dim = call.given(1, "dim")
    if dim is not None:
        for change, other in other_dims(dim):
            yield change, call.giving(other, 1, "dim")
        yield "dim left out", call.without(1, "dim")
    yield "dropped", call.subject


def _attribute(node: ast.Attribute, scope: Scope) -> Iterator[Draft]:
    if node.attr not in ("T", "mT", "H", "mH") or not isinstance(node.ctx, ast.Load):
        return
    root: ast.expr = node.value
    settings = isinstance(root, ast.Name) and root.id in _SETTINGS
    if settings or scope.dotted(root) or scope.value(root) is Value.OTHER:
        return
    yield Draft(SiteKind.ORDER, node, [("dropped", node.value)], node.value)
