"""Does a handler around the running code ask for ShapeError by name?

Such a handler says that the failure is expected (`except ShapeError`,
`with pytest.raises(ShapeError)`); one for a wider class only swallows it. Frames and their
source tell which; this runs when an error is raised, never otherwise.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import FrameType
from typing import TypeGuard

from shapecheck.core.finding import ShapeError
from shapecheck.core.site import Place
from shapecheck.runtime.blame import function_node, module_tree, own_nodes
from shapecheck.runtime.ownership import is_users

_CATCHING = ("suppress", "raises", "assertRaises")  # what catches what it is given, without doubt


def handling(depth: int = 2) -> tuple[bool, Place | None]:
    """Who, around the running code, will deal with a ShapeError.

    First whether a `try` or `with` names ShapeError before it is lost in a handler for a wider
    class; then the nearest such handler. One that holds a `raise` may hand the error on.
    """
    frame: FrameType | None = sys._getframe(depth)
    while frame is not None:
        if is_users(frame.f_code.co_filename):
            for handler in _handlers(frame):
                if any(issubclass(kind, ShapeError) for kind in handler.kinds):
                    return True, None
                wider = any(issubclass(ShapeError, kind) for kind in handler.kinds)
                if wider and not handler.hands_on:
                    code = frame.f_code
                    return False, Place(code.co_filename, handler.line, function=code.co_qualname)
        frame = frame.f_back
    return False, None


@dataclass(frozen=True)
class _Handler:
    """What a `try` or `with` catches, where, and whether it may raise it again."""

    kinds: list[type]
    line: int
    hands_on: bool


def _handlers(frame: FrameType) -> Iterator[_Handler]:
    """What is caught around the running line of a frame, the innermost first."""
    code, line = frame.f_code, frame.f_lineno
    body = function_node(code) if code.co_name != "<module>" else module_tree(code.co_filename)
    if body is None:
        return
    for node in reversed(list(ast.walk(body))):
        if isinstance(node, (ast.Try, ast.TryStar)) and _spans(node.body, line):
            for h in node.handlers:
                raises = any(isinstance(n, ast.Raise) for n in own_nodes(h))
                yield _Handler(
                    _kinds(h.type, frame) if h.type else [BaseException], h.lineno, raises
                )
        elif isinstance(node, (ast.With, ast.AsyncWith)) and _spans(node.body, line):
            for call in (i.context_expr for i in node.items):
                if isinstance(call, ast.Call):
                    hands_on = _last_name(call.func) not in _CATCHING
                    for part in (*call.args, *(k.value for k in call.keywords)):
                        yield _Handler(_kinds(part, frame), node.lineno, hands_on)
        elif _is_direct(node) and _spans([node], line):
            yield _Handler(_kinds(node.args[0], frame), node.lineno, False)


def _is_direct(node: ast.AST) -> TypeGuard[ast.Call]:
    """True for `pytest.raises(ShapeError, function, argument)`."""
    return isinstance(node, ast.Call) and len(node.args) > 1 and _last_name(node.func) in _CATCHING


def _last_name(expression: ast.expr) -> str:
    return str(getattr(expression, "attr", None) or getattr(expression, "id", ""))


def _spans(body: Sequence[ast.stmt | ast.expr], line: int) -> bool:
    return body[0].lineno <= line <= (body[-1].end_lineno or line)


def _kinds(expression: ast.expr, frame: FrameType) -> list[type]:
    """The exception classes that the names in a handler's expression stand for."""
    if isinstance(expression, ast.Tuple):
        return [kind for item in expression.elts for kind in _kinds(item, frame)]
    value = _lookup(expression, frame)
    members = value if isinstance(value, tuple) else (value,)
    return [m for m in members if isinstance(m, type) and issubclass(m, BaseException)]


def _lookup(expression: ast.expr, frame: FrameType) -> object:
    """What a name or dotted name stands for in a frame; nothing else is evaluated."""
    if isinstance(expression, ast.Name):
        code, name = frame.f_code, expression.id
        names = code.co_varnames + code.co_cellvars + code.co_freevars
        # Reading a function's locals keeps copies of all of them in its frame: only where needed.
        local = name in names or not code.co_flags & inspect.CO_OPTIMIZED
        if local and name in frame.f_locals:
            return frame.f_locals[name]
        return frame.f_globals.get(name, frame.f_builtins.get(name))
    if isinstance(expression, ast.Attribute):
        return getattr(_lookup(expression.value, frame), expression.attr, None)
    return None
