"""Every expression that runs, with the function it stands in and what is known of its names."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace

from shapecheck.source.sites.bindings import scope_of
from shapecheck.source.sites.scope import Scope, knows_arrays

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Met:
    """A node and where it stands. `function` is the qualified name of what it stands in."""

    node: ast.expr | ast.stmt
    scope: Scope
    function: str = ""
    at_import: bool = True


def expressions(tree: ast.Module) -> Iterator[Met]:
    """Every expression and statement of a module. Annotations, which describe, are left out.

    Nothing of a module that imports no array library, anywhere in it: what is `x[None]` in
    torch's company looks up a key elsewhere.
    """
    if knows_arrays(tree):
        yield from _block(tree.body, Met(ast.Pass(), scope_of(tree, None)))


def _block(body: list[ast.stmt], here: Met) -> Iterator[Met]:
    for statement in body:
        yield from _visit(statement, here)


def _visit(node: ast.AST, here: Met) -> Iterator[Met]:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            yield from _function(node, here)
        case ast.Lambda():
            yield from _defaults(node.args, here)
            inner = replace(here, scope=scope_of(node, here.scope), at_import=False)
            yield from _visit(node.body, inner)
        case ast.ClassDef():
            for part in [*node.decorator_list, *node.bases, *node.keywords]:
                yield from _visit(part, here)
            name = _qualified(here, node.name)
            scope = scope_of(node, here.scope)
            yield from _block(node.body, replace(here, scope=scope, function=name))
        case ast.AnnAssign():
            yield replace(here, node=node)
            for part in filter(None, (node.target, node.value)):
                yield from _visit(part, here)
        case ast.If(test=test) if _for_types_only(test):
            yield from _block(node.orelse, here)
        case ast.Call(func=func, args=[_, value]) if _last(func) == "cast":
            yield from _visit(value, here)
        case _:
            if isinstance(node, (ast.expr, ast.stmt)):
                yield replace(here, node=node)
            for child in ast.iter_child_nodes(node):
                yield from _visit(child, here)


def _function(node: Function, here: Met) -> Iterator[Met]:
    for decorator in node.decorator_list:
        yield from _visit(decorator, here)
    yield from _defaults(node.args, here)
    inner = Met(node, scope_of(node, here.scope), _qualified(here, node.name), at_import=False)
    yield from _block(node.body, inner)


def _defaults(arguments: ast.arguments, here: Met) -> Iterator[Met]:
    for default in [*arguments.defaults, *filter(None, arguments.kw_defaults)]:
        yield from _visit(default, here)


def _qualified(here: Met, name: str) -> str:
    if not here.function:
        return name
    inside_function = isinstance(here.node, (ast.FunctionDef, ast.AsyncFunctionDef))
    return f"{here.function}.<locals>.{name}" if inside_function else f"{here.function}.{name}"


def _for_types_only(test: ast.expr) -> bool:
    return _last(test) == "TYPE_CHECKING"


def _last(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""
