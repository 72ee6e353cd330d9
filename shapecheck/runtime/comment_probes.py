"""Puts probes into a syntax tree where shape comments stand; the program computes the same.

A probe is a call that returns its argument: what a commented statement makes, is passed, and
finds before it goes through one. Evaluation order, line numbers, local variables and the frames
that called functions see stay as they are.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from shapecheck.core.comment_evidence import WatchPoint

PROBES = "__shapecheck_comments__"  # the name under which the code finds the probes

_Node = TypeVar("_Node", bound=ast.AST)
_Function = ast.FunctionDef | ast.AsyncFunctionDef
_JOINING = frozenset(("cat", "stack", "concat", "concatenate", "hstack", "vstack", "dstack"))
_OPAQUE = (  # what is inside runs at another time, or in another scope
    ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.JoinedStr,
)  # fmt: skip


@dataclass
class Probed:
    """A point with the texts of its probes: what each recorded value is called in the code."""

    point: WatchPoint
    number: int
    targets: tuple[ast.expr, ...] = ()
    texts: list[str] = field(default_factory=list)


def instrument(tree: ast.Module, points: Iterable[WatchPoint], first: int = 0) -> list[Probed]:
    """Put probes into a tree, in place, and list them; they are numbered from `first`.

    A point that the tree does not hold is left out.
    """
    placer = _Placer({(p.line, p.column): p for p in points}, first)
    placer.visit(tree)
    ast.fix_missing_locations(tree)
    return placer.probed


class _Placer(ast.NodeTransformer):
    def __init__(self, points: dict[tuple[int, int], WatchPoint], first: int) -> None:
        self._points = points
        self._first = first
        self.probed: list[Probed] = []
        self._calls_wanted: list[bool] = []

    def generic_visit(self, node: ast.AST) -> ast.AST:
        for name, value in ast.iter_fields(node):
            if isinstance(value, list) and value and isinstance(value[0], ast.stmt):
                setattr(node, name, [made for child in value for made in self._statement(child)])
            elif isinstance(value, list):
                for child in value:
                    if isinstance(child, (ast.ExceptHandler, ast.match_case)):
                        self.generic_visit(child)
        return node

    def _statement(self, node: ast.stmt) -> list[ast.stmt]:
        point = self._points.get((node.lineno, node.col_offset))
        probed = self._probed(point, node) if point is not None else None
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return [self._function(node, probed)]
        self.generic_visit(node)
        if probed is None:
            return [node]
        if self._calls_wanted:
            self._calls_wanted[-1] = True
        if isinstance(node, (ast.For, ast.AsyncFor, ast.With, ast.AsyncWith)):
            names = _names(probed.targets)
            node.body.insert(0, self._told("bound", probed, names, node.body[0]))
            return [self._state(probed, node), node]
        return self._simple(node, probed)

    def _probed(self, point: WatchPoint, node: ast.stmt) -> Probed | None:
        kinds: dict[str, tuple[type[ast.stmt], ...]] = {
            "entry": (ast.FunctionDef, ast.AsyncFunctionDef),
            "header": (ast.For, ast.AsyncFor, ast.With, ast.AsyncWith),
            "statement": (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Expr, ast.Return),
        }
        if not isinstance(node, kinds[point.kind]) or getattr(node, "value", node) is None:
            return None
        probed = Probed(point, self._first + len(self.probed), _targets(node))
        self.probed.append(probed)
        return probed

    def _function(self, node: _Function, probed: Probed | None) -> ast.stmt:
        self._calls_wanted.append(probed is not None)
        self.generic_visit(node)
        if self._calls_wanted.pop():
            at = 1 if ast.get_docstring(node, clean=False) is not None else 0
            anchor = node.body[min(at, len(node.body) - 1)]
            inserted: list[ast.stmt] = [_located(ast.Expr(_probe("called", [])), anchor)]
            if probed is not None:
                inserted.append(self._told("bound", probed, list(probed.point.names), anchor))
            node.body[at:at] = inserted
        return node

    def _simple(self, node: ast.stmt, probed: Probed) -> list[ast.stmt]:
        assert isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Expr, ast.Return))
        value = node.value
        assert value is not None
        value = self._inside(value, probed)
        state = self._state(probed, node)
        if isinstance(node, ast.AugAssign):
            node.value = value
            names = _names(probed.targets)
            return [state, node, self._told("bound", probed, names, node)]
        call = _probe("made", [ast.Constant(probed.number), value])
        node.value = _located(call, value)
        return [state, node]

    def _state(self, probed: Probed, node: ast.stmt) -> ast.stmt:
        """The probe before a statement: it reads the variables that are surely bound."""
        names = probed.point.names if probed.point.function else ()
        return self._told("state", probed, list(names), node)

    def _told(self, method: str, probed: Probed, names: list[str], at: ast.AST) -> ast.stmt:
        arguments: list[ast.expr] = [ast.Constant(probed.number)]
        arguments += [ast.Name(name, ast.Load()) for name in names]
        return _located(ast.Expr(_probe(method, arguments)), at)

    def _inside(self, node: ast.expr, probed: Probed) -> ast.expr:
        """Probes around what is passed to calls, methods and operators in an expression."""
        if isinstance(node, _OPAQUE):
            return node
        match node:
            case ast.Call(func=ast.Attribute(attr=name)) if name in _JOINING:
                return node  # a comment speaks of what is joined, not of its pieces
            case ast.Call():
                self._in_call(node, probed)
            case ast.BinOp():
                node.left = self._seen(node.left, probed, "argument")
                node.right = self._seen(node.right, probed, "argument")
            case ast.UnaryOp(op=ast.USub()):
                node.operand = self._seen(node.operand, probed, "argument")
            case ast.Subscript() | ast.Attribute():
                node.value = self._receiver(node.value, probed)
            case ast.Tuple() | ast.List():
                node.elts = [self._seen(e, probed, "inner") for e in node.elts]
            case ast.IfExp():
                node.body = self._seen(node.body, probed, "inner")
                node.orelse = self._seen(node.orelse, probed, "inner")
            case ast.Await():
                node.value = self._inside(node.value, probed)
        return node

    def _in_call(self, node: ast.Call, probed: Probed) -> None:
        node.args = [self._seen(a, probed, "argument") for a in node.args]
        for keyword in node.keywords:
            if keyword.arg is not None:
                keyword.value = self._seen(keyword.value, probed, "argument")
        if isinstance(node.func, ast.Attribute):
            node.func.value = self._receiver(node.func.value, probed)

    def _receiver(self, node: ast.expr, probed: Probed) -> ast.expr:
        """`x` of `x.view(…)`; a dotted path (`self.lstm`, `torch.nn`) is left alone."""
        if isinstance(node, ast.Attribute) and _is_path(node):
            return node
        match node:
            case ast.Call(func=ast.Name(id="super")):
                return node
        return self._seen(node, probed, "argument" if isinstance(node, ast.Name) else "inner")

    def _seen(self, node: ast.expr, probed: Probed, seen_as: str) -> ast.expr:
        if isinstance(node, (ast.Starred, ast.Constant, ast.Slice, *_OPAQUE)):
            return node
        if isinstance(node, (ast.Tuple, ast.List)):
            return self._inside(node, probed)
        text = ast.unparse(node) if isinstance(node, (ast.Name, ast.Attribute)) else ""
        number = len(probed.texts)
        probed.texts.append(text)
        inner = self._inside(node, probed)
        numbers = [ast.Constant(probed.number), ast.Constant(number), ast.Constant(seen_as)]
        return _located(_probe("seen", [*numbers, inner]), node)


def _is_path(node: ast.expr) -> bool:
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name)


def _targets(node: ast.stmt) -> tuple[ast.expr, ...]:
    match node:
        case ast.Assign(targets=targets):
            return tuple(targets)
        case ast.AnnAssign(target=target) | ast.AugAssign(target=target):
            return (target,)
        case ast.For(target=target) | ast.AsyncFor(target=target):
            return (target,)
        case ast.With(items=items) | ast.AsyncWith(items=items):
            return tuple(item.optional_vars for item in items if item.optional_vars is not None)
    return ()


def _names(targets: Iterable[ast.expr]) -> list[str]:
    """The plain variables among targets, tuples opened."""
    names: list[str] = []
    for target in targets:
        if isinstance(target, (ast.Tuple, ast.List)):
            names += _names(target.elts)
        elif isinstance(target, ast.Name):
            names.append(target.id)
    return names


def bound_names(probed: Probed) -> list[str]:
    """The names whose values a `bound` probe is given, in order."""
    return list(probed.point.names) if probed.point.kind == "entry" else _names(probed.targets)


def _probe(method: str, arguments: list[ast.expr]) -> ast.Call:
    return ast.Call(ast.Attribute(ast.Name(PROBES, ast.Load()), method, ast.Load()), arguments, [])


def _located(node: _Node, at: ast.AST) -> _Node:
    for inner in ast.walk(node):
        if not hasattr(inner, "lineno"):
            ast.copy_location(inner, at)
    return node
