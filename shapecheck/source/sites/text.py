"""The text of a file by the positions that `ast` gives; expressions as their author wrote them."""

from __future__ import annotations

import ast
from typing import Any

from shapecheck.core.site import Span


class Text:
    """Source code that can be cut at the spans of its nodes."""

    def __init__(self, source: str) -> None:
        self._lines = [line.encode() for line in source.splitlines(keepends=True)]

    def cut(self, span: Span) -> str:
        """What stands at a span."""
        first, last = span.line - 1, span.end_line - 1
        if first == last:
            return self._lines[first][span.column : span.end_column].decode()
        inner = self._lines[first + 1 : last]
        parts = [
            self._lines[first][span.column :],
            *inner,
            self._lines[last][: span.end_column],
        ]
        return b"".join(parts).decode()

    def of(self, node: ast.expr) -> str:
        """A node as its author wrote it."""
        return self.cut(span_of(node))

    def replaced(self, span: Span, text: str) -> str:
        """The lines of a span, as they would read with `text` in its place."""
        first, last = self._lines[span.line - 1], self._lines[span.end_line - 1]
        whole = first[: span.column].decode() + text + last[span.end_column :].decode()
        return whole.strip()


def span_of(node: ast.expr) -> Span:
    """Where a node stands. Every node that a parser made has an end."""
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    return Span(node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)


def parse_expression(text: str) -> ast.expr:
    """The expression that a text is; it may run over lines. Raises SyntaxError."""
    return ast.parse(f"({text}\n)", mode="eval").body


def written(node: ast.expr, kept: ast.expr | None, text: Text) -> str:
    """The code of a new expression, in which the part `kept` reads as its author wrote it."""
    if kept is None:
        return ast.unparse(node)
    code = ast.unparse(_with_stand_in(node, kept))
    return code.replace(_STAND_IN, _closed(kept, text.of(kept)))


_STAND_IN = "__kept__"


def _closed(node: ast.expr, text: str) -> str:
    """The text of an operand, in parentheses where it needs them."""
    tight = (ast.Name, ast.Attribute, ast.Subscript, ast.Call, ast.List, ast.Dict)
    return text if isinstance(node, tight) else f"({text})"


def _with_stand_in(node: ast.expr, kept: ast.expr) -> ast.expr:
    if node is kept:
        return ast.Name(_STAND_IN, ast.Load())
    parts: dict[str, Any] = {name: _field(value, kept) for name, value in ast.iter_fields(node)}
    return type(node)(**parts)


def _field(value: object, kept: ast.expr) -> object:
    if isinstance(value, list):
        return [_field(item, kept) for item in value]
    if isinstance(value, ast.expr):
        return _with_stand_in(value, kept)
    if isinstance(value, ast.keyword):
        return ast.keyword(arg=value.arg, value=_with_stand_in(value.value, kept))
    return value
