"""Does a handler around the running code ask for ShapeError by name?

Such a handler says that the failure is expected (`except ShapeError`,
`with pytest.raises(ShapeError)`); one for a wider class only swallows it. Frames and their
source tell which; this runs when an error is raised, never otherwise.
"""

from __future__ import annotations

import ast
import sys
from types import FrameType

from shapecheck.core.finding import ShapeError
from shapecheck.runtime.blame import function_node, is_users, module_tree


def asks_for_shape_error(depth: int = 2) -> bool:
    """True where a `try` or `with` around any running line of the user names ShapeError."""
    frame: FrameType | None = sys._getframe(depth)
    while frame is not None:
        if is_users(frame.f_code.co_filename) and _names_it(frame):
            return True
        frame = frame.f_back
    return False


def _names_it(frame: FrameType) -> bool:
    code = frame.f_code
    body = function_node(code) if code.co_name != "<module>" else module_tree(code.co_filename)
    if body is None:
        return False
    return any(
        _is_shape_error(expression, frame)
        for node in ast.walk(body)
        for expression in _guarding(node, frame.f_lineno)
    )


def _guarding(node: ast.AST, line: int) -> list[ast.expr]:
    """The expressions that name what is caught around `line`."""
    if isinstance(node, (ast.Try, ast.TryStar)) and _spans(node.body, line):
        return [handler.type for handler in node.handlers if handler.type is not None]
    if isinstance(node, (ast.With, ast.AsyncWith)) and _spans(node.body, line):
        calls = [i.context_expr for i in node.items if isinstance(i.context_expr, ast.Call)]
        return [part for call in calls for part in (*call.args, *(k.value for k in call.keywords))]
    return []


def _spans(body: list[ast.stmt], line: int) -> bool:
    return body[0].lineno <= line <= (body[-1].end_lineno or line)


def _is_shape_error(expression: ast.expr, frame: FrameType) -> bool:
    """True where the names in a handler's expression stand for ShapeError or a subclass."""
    if isinstance(expression, ast.Tuple):
        return any(_is_shape_error(item, frame) for item in expression.elts)
    value = _lookup(expression, frame)
    members = value if isinstance(value, tuple) else (value,)
    return any(isinstance(m, type) and issubclass(m, ShapeError) for m in members)


def _lookup(expression: ast.expr, frame: FrameType) -> object:
    """What a name or dotted name stands for in a frame; nothing else is evaluated."""
    if isinstance(expression, ast.Name):
        return frame.f_locals.get(expression.id, frame.f_globals.get(expression.id))
    if isinstance(expression, ast.Attribute):
        return getattr(_lookup(expression.value, frame), expression.attr, None)
    return None
