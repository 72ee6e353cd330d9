"""The sizes of a new tensor: `torch.zeros(1, batch, hidden)`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from shapecheck.core.site import SiteKind
from shapecheck.source.sites.operation import Draft, integer, swapped
from shapecheck.source.sites.scope import ARRAY_MODULES, Scope, Value

_BARE = ("zeros", "ones", "empty", "rand", "randn")  # torch: sizes may stand without a tuple
_TUPLE = {"full": 0, "randint": 2, "normal": 2}
_NEW = ("new_zeros", "new_ones", "new_empty")
_AS_KEYWORD = ("size", "shape")


def find(node: ast.expr, scope: Scope) -> Iterator[Draft]:
    """The site that a node is, if it is one of these."""
    if not isinstance(node, ast.Call) or any(k.arg is None for k in node.keywords):
        return
    found = _sizes(node, scope)
    if found is None:
        return
    holder, items = found
    if not items or any(isinstance(item, ast.Starred) for item in items):
        return
    edits = [(change, _with(node, holder, new)) for change, new in _other_sizes(items)]
    yield Draft(SiteKind.FACTORY, node, [*edits])


def _sizes(node: ast.Call, scope: Scope) -> tuple[ast.expr | None, list[ast.expr]] | None:
    """(the tuple that holds the sizes, or None where they stand bare; the sizes)."""
    dotted = scope.dotted(node.func)
    name = dotted.rpartition(".")[2]
    method = isinstance(node.func, ast.Attribute) and node.func.attr in _NEW
    if not (method or (dotted.split(".")[0] in ARRAY_MODULES and name in (*_BARE, *_TUPLE))):
        return None
    for keyword in node.keywords:
        if keyword.arg in _AS_KEYWORD:
            return _tuple(keyword.value)
    if name in _TUPLE and not method:
        position = _TUPLE[name] if name != "randint" else len(node.args) - 1
        return _tuple(node.args[position]) if 0 <= position < len(node.args) else None
    if len(node.args) == 1 and isinstance(node.args[0], (ast.Tuple, ast.List)):
        return _tuple(node.args[0])
    numpy = dotted.startswith("numpy.") and name not in ("rand", "randn")
    if numpy:  # np.zeros(n, dtype): one size
        return (None, node.args[:1]) if node.args and _is_size(node.args[0], scope) else None
    bare = [a for a in node.args if _is_size(a, scope)]
    return (None, bare) if len(bare) == len(node.args) else None


def _tuple(node: ast.expr) -> tuple[ast.expr, list[ast.expr]] | None:
    return (node, node.elts) if isinstance(node, (ast.Tuple, ast.List)) else None


def _is_size(node: ast.expr, scope: Scope) -> bool:
    """`torch.zeros(x.shape)` and `torch.zeros(sizes)` with a known list take a whole shape."""
    shape = isinstance(node, ast.Attribute) and node.attr == "shape"
    size = isinstance(node, ast.Call) and not node.args and getattr(node.func, "attr", "") == "size"
    return not shape and not size and scope.value(node) is not Value.TENSOR


def _other_sizes(items: list[ast.expr]) -> Iterator[tuple[str, list[ast.expr]]]:
    """The sizes as they are easily mistaken."""
    for i in range(len(items) - 1):
        yield "sizes swapped", swapped(items, i, i + 1)
    for i, item in enumerate(items):
        if integer(item) is None:
            fixed: list[ast.expr] = [*items[:i], ast.Constant(1), *items[i + 1 :]]
            yield f"{ast.unparse(item)} → 1", fixed
    for i, item in enumerate(items):
        if integer(item) == 1:
            yield "1 → 2", [*items[:i], ast.Constant(2), *items[i + 1 :]]
    if len(items) > 1:
        for i in dict.fromkeys((0, len(items) - 1)):
            yield "axis dropped", [*items[:i], *items[i + 1 :]]


def _with(node: ast.Call, holder: ast.expr | None, items: list[ast.expr]) -> ast.Call:
    if holder is None:
        numpy_rest = node.args[len(items) :] if len(items) < len(node.args) else []
        return ast.Call(node.func, [*items, *_not_sizes(node, items, numpy_rest)], node.keywords)
    new = ast.Tuple(items, ast.Load())
    args = [new if a is holder else a for a in node.args]
    keywords = [ast.keyword(k.arg, new) if k.value is holder else k for k in node.keywords]
    return ast.Call(node.func, args, keywords)


def _not_sizes(node: ast.Call, items: list[ast.expr], rest: list[ast.expr]) -> list[ast.expr]:
    """What follows the one size of `np.zeros(n, dtype)`; nothing where every argument is a size."""
    return rest if len(items) == 1 and len(node.args) > 1 and node.args[0] not in rest else []
