"""How a site is shown: the part of its code that matters, and where that part begins."""

from __future__ import annotations

import ast

from shapecheck.core.site import SiteKind, Span
from shapecheck.source.sites.operation import Draft
from shapecheck.source.sites.text import Text, span_of

_FLAGS = (SiteKind.BATCH_FIRST, SiteKind.BIDIRECTIONAL, SiteKind.NUM_LAYERS)


def column_of(draft: Draft) -> tuple[int, int]:
    """(line, column) of the method's name in a chain; of the expression otherwise."""
    tail = _tail(draft)
    span = span_of(draft.node)
    return (tail.line, tail.column) if tail is not None else (span.line, span.column)


def label(draft: Draft, text: Text) -> str:
    """`.unsqueeze(-1)` of a chain, `nn.LSTM(…, batch_first=True)`, else the whole expression."""
    if draft.kind in _FLAGS and isinstance(draft.node, ast.Call):
        return _flag(draft.node, draft.kind.value, text)
    tail = _tail(draft)
    return _in_one_line(text.cut(tail) if tail is not None else text.of(draft.node))


def _tail(draft: Draft) -> Span | None:
    """The span from the dot (or bracket) after the tensor, if a tensor comes first."""
    node = draft.node
    func = node.func if isinstance(node, ast.Call) else node
    if not isinstance(func, ast.Attribute) or func.value is not draft.subject:
        return _brackets(draft)
    whole = span_of(node)
    end_line, end_column = func.end_lineno or 0, func.end_col_offset or 0
    return Span(end_line, end_column - len(func.attr) - 1, whole.end_line, whole.end_column)


def _brackets(draft: Draft) -> Span | None:
    """The index alone, where what is indexed is more than a name."""
    node = draft.node
    if not isinstance(node, ast.Subscript) or node.value is not draft.subject:
        return None
    if isinstance(node.value, (ast.Name, ast.Attribute)):
        return None
    whole, inner = span_of(node), span_of(node.value)
    return Span(inner.end_line, inner.end_column, whole.end_line, whole.end_column)


def _flag(node: ast.Call, name: str, text: Text) -> str:
    function = text.of(node.func)
    for keyword in node.keywords:
        if keyword.arg == name:
            return f"{function}(…, {name}={_in_one_line(text.of(keyword.value))})"
    if name == "num_layers":
        return f"{function}(…, {_in_one_line(text.of(node.args[2]))})"
    return f"{function}(…) without {name}"


def _in_one_line(code: str) -> str:
    return " ".join(code.split())
