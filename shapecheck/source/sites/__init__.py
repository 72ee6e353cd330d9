"""Every place where code assumes a shape, read from its text alone.

Each family of operations is a file with `find(node, scope)`, which yields a draft for a node
that is a site. This file walks the code, and turns drafts into sites.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from shapecheck.core.site import Mutation, Place, Site
from shapecheck.source.sites import (
    axes,
    factory,
    index,
    join,
    product,
    recurrent,
    reduction,
    reshape,
)
from shapecheck.source.sites.label import column_of, label
from shapecheck.source.sites.operation import Draft
from shapecheck.source.sites.scope import Scope
from shapecheck.source.sites.text import Text, parse_expression, span_of, written
from shapecheck.source.sites.walk import Met, expressions

Find = Callable[[ast.expr, Scope], Iterator[Draft]]

FAMILIES: tuple[Find, ...] = (
    axes.find,
    reshape.find,
    index.find,
    recurrent.find,
    factory.find,
    reduction.find,
    join.find,
    product.find,
)


def sites(source: str, file: str) -> tuple[Site, ...]:
    """Every site of a file's source, in the order of the text. Raises SyntaxError."""
    text = Text(source)
    found = [
        site
        for met in expressions(ast.parse(source, file))
        for draft in _drafts(met)
        if (site := _site(draft, met, text, file)) is not None
    ]
    return tuple(sorted(found, key=lambda s: (s.place.line, s.place.column, s.kind.value)))


def _drafts(met: Met) -> Iterator[Draft]:
    if isinstance(met.node, ast.stmt):
        yield from recurrent.find_targets(met.node)
        return
    for find in FAMILIES:
        yield from find(met.node, met.scope)


def _site(draft: Draft, met: Met, text: Text, file: str) -> Site | None:
    """The site that a draft is, or None where no mutation of it is other code that compiles."""
    before = text.of(draft.node)
    if not _is(before, draft.node):
        return None  # the parser's positions are off: inside some f-strings
    mutations = _mutations(draft, text)
    if not mutations:
        return None
    line, column = column_of(draft)
    return Site(
        place=Place(file, line, column, met.function),
        span=span_of(draft.node),
        kind=draft.kind,
        text=label(draft, text),
        before=before,
        mutations=mutations,
        subject=text.of(draft.subject) if draft.subject is not None else "",
        at_import=met.at_import,
    )


def _mutations(draft: Draft, text: Text) -> tuple[Mutation, ...]:
    """Each edit as code, without those that change nothing or say the same as an earlier one."""
    seen = {_shape(draft.node)}
    mutations = []
    for change, node in draft.edits:
        after = written(node, draft.subject, text)
        try:
            dump = _shape(parse_expression(after))
        except SyntaxError:
            continue
        if dump not in seen:
            seen.add(dump)
            mutations.append(Mutation(change, after))
    return tuple(mutations)


def _is(code: str, node: ast.expr) -> bool:
    try:
        return _shape(parse_expression(code)) == _shape(node)
    except SyntaxError:
        return False


def _shape(node: ast.expr) -> str:
    """What a node says, whether it is read or written."""
    return ast.dump(node).replace("ctx=Store()", "ctx=Load()")
