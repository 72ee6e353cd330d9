"""What the statements of a function or module tell about its names."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from shapecheck.source.sites.scope import Scope, Value, annotated

Body = ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda
_NESTED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


def scope_of(body: Body, outer: Scope | None) -> Scope:
    """The scope of a body, with what its own statements tell, in their order."""
    scope = Scope(outer)
    if isinstance(body, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
        every = body.args
        for argument in [*every.posonlyargs, *every.args, *every.kwonlyargs]:
            scope.learn(argument.arg, annotated(argument.annotation))
        for extra in filter(None, (every.vararg, every.kwarg)):
            scope.learn(extra.arg, Value.OTHER)
    if not isinstance(body, ast.Lambda):
        for statement in _statements(body.body):
            _learn(statement, scope)
    return scope


def _statements(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """Every node of a body outside functions and classes in it."""
    for statement in body:
        yield statement
        if not isinstance(statement, _NESTED):
            yield from _within(statement)


def _within(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        yield child
        if not isinstance(child, _NESTED):
            yield from _within(child)


def _learn(node: ast.AST, scope: Scope) -> None:
    match node:
        case ast.Import(names=names):
            for alias in names:
                first = alias.name if alias.asname else alias.name.split(".")[0]
                scope.modules[alias.asname or first] = first
        case ast.ImportFrom(module=module, names=names, level=level):
            for alias in names:
                source = "." * level + (module or "")
                scope.modules[alias.asname or alias.name] = f"{source}.{alias.name}"
        case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation):
            scope.learn(name, annotated(annotation))
        case ast.Assign(targets=targets, value=value):
            for target in targets:
                _learn_target(target, value, scope)
        case ast.NamedExpr(target=target, value=value):
            _learn_target(target, value, scope)
        case ast.For(target=target, iter=over) | ast.comprehension(target=target, iter=over):
            _learn_loop(target, over, scope)
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            scope.learn(name, Value.OTHER)


def _learn_target(target: ast.expr, value: ast.expr, scope: Scope) -> None:
    match target, value:
        case ast.Name(id=name), _:
            scope.learn(name, scope.value(value))
        case (ast.Tuple(elts=targets), ast.Tuple(elts=values)) if len(targets) == len(values):
            for one, other in zip(targets, values, strict=True):
                _learn_target(one, other, scope)
        case ((ast.Tuple(elts=targets) | ast.List(elts=targets)), _):
            sizes = isinstance(value, ast.Attribute) and value.attr == "shape"
            for name in _names(targets):
                scope.learn(name, Value.OTHER if sizes else Value.UNKNOWN)


def _learn_loop(target: ast.expr, iterated: ast.expr, scope: Scope) -> None:
    """`range(n)` gives numbers, `enumerate` gives one first; a tensor gives tensors."""
    function = iterated.func if isinstance(iterated, ast.Call) else None
    called = function.id if isinstance(function, ast.Name) else ""
    if called == "enumerate" and isinstance(target, ast.Tuple):
        scope.learn(next(_names(target.elts[:1]), "_"), Value.OTHER)
        known, rest = Value.UNKNOWN, target.elts[1:]
    else:
        known = Value.OTHER if called == "range" else Value.UNKNOWN
        rest = [target]
        if scope.value(iterated) is Value.TENSOR and isinstance(target, ast.Name):
            known = Value.TENSOR
    for name in _names(rest):
        scope.learn(name, known)


def _names(targets: list[ast.expr]) -> Iterator[str]:
    for target in targets:
        match target:
            case ast.Name(id=name):
                yield name
            case ast.Starred(value=value):
                yield from _names([value])
            case ast.Tuple(elts=inner) | ast.List(elts=inner):
                yield from _names(inner)
