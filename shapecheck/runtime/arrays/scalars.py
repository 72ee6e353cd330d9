"""Which variables of a file only ever hold numbers: no array can stand where they do."""

from __future__ import annotations

import ast
from collections.abc import Iterator

_NUMBERS = frozenset(("len", "int", "float", "bool", "ord"))
_OF_NUMBERS = frozenset(("math", "time"))
Bound = tuple[str, ast.expr | None]  # a name, and what it is bound to; None where nobody can say


def scalars(tree: ast.Module) -> frozenset[str]:
    """The names that only ever hold numbers, wherever in the file they are bound."""
    bound = list(_bindings(tree))
    names = {name for name, _ in bound}
    while True:
        others = {name for name, value in bound if value is None or not is_scalar(value, names)}
        if others.isdisjoint(names):
            return frozenset(names)
        names -= others


def is_scalar(node: ast.expr, names: frozenset[str] | set[str]) -> bool:
    """True for what surely is a number, where `names` are."""
    match node:
        case ast.Constant():
            return True
        case ast.Name(id=name):
            return name in names
        case ast.UnaryOp(operand=inner):
            return is_scalar(inner, names)
        case ast.BinOp(left=left, right=right):
            return is_scalar(left, names) and is_scalar(right, names)
        case ast.Call(func=ast.Name(id=name)):
            return name in _NUMBERS
        case ast.Call(func=ast.Attribute(attr="item")):
            return True
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name))):
            return name in _OF_NUMBERS
        case ast.Attribute(value=ast.Name(id="math")):
            return True
    return False


def _bindings(tree: ast.Module) -> Iterator[Bound]:
    settled: set[int] = set()
    nodes = list(ast.walk(tree))
    for node in nodes:
        match node:
            case ast.Assign(targets=[target], value=value):
                yield from _assigned(target, value, settled)
            case ast.AugAssign(target=target, value=value):
                yield from _assigned(target, value, settled)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                yield from _assigned(target, value, settled)
            case ast.For(target=target, iter=steps) | ast.comprehension(target=target, iter=steps):
                yield from _counted(target, steps, settled)
    for node in nodes:
        if id(node) not in settled:
            yield from ((name, None) for name in _bound(node))


def _bound(node: ast.AST) -> Iterator[str]:
    """The name that a node binds to anything."""
    match node:
        case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
            yield name
        case ast.alias(asname=str() as name) | ast.alias(name=name):
            yield name
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.ExceptHandler(name=str() as name) | ast.MatchMapping(rest=str() as name):
            yield name
        case ast.MatchAs(name=str() as name) | ast.MatchStar(name=str() as name):
            yield name


def _assigned(target: ast.expr, value: ast.expr, settled: set[int]) -> Iterator[Bound]:
    if isinstance(target, ast.Name):
        settled.add(id(target))
        yield target.id, value
    elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        starred = any(isinstance(e, ast.Starred) for e in (*target.elts, *value.elts))
        if len(target.elts) == len(value.elts) and not starred:
            for one, given in zip(target.elts, value.elts, strict=True):
                yield from _assigned(one, given, settled)


def _counted(target: ast.expr, steps: ast.expr, settled: set[int]) -> Iterator[Bound]:
    """`for i in range(…)`, `for i, x in enumerate(…)`."""
    called = steps.func if isinstance(steps, ast.Call) else None
    name = called.id if isinstance(called, ast.Name) else ""
    if name == "enumerate" and isinstance(target, ast.Tuple):
        target = target.elts[0]
    if name in ("range", "enumerate") and isinstance(target, ast.Name):
        settled.add(id(target))
        yield target.id, ast.Constant(0)
