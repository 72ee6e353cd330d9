"""Code with one site made wrong, and code that tells when it comes by its sites."""

from __future__ import annotations

import ast
import copy
from collections.abc import Mapping

from shapecheck.core.site import Mutation, Site, Span
from shapecheck.source.sites.text import Text, parse_expression, span_of

# Ends in two underscores, so that a class body does not mangle it.
WITNESS = "__shapecheck_saw__"


class SiteNotFound(LookupError):
    """The tree has no such expression at the site's span: it is not the text the site is from."""


def mutated(tree: ast.Module, site: Site, mutation: Mutation) -> ast.Module:
    """A copy of a module's tree in which a site reads as the mutation has it.

    Every position in the new expression is the old one's, so that lines stay what they were.
    """
    new = _placed(parse_expression(mutation.after), site.span)
    return _edited(tree, {site.span: (site, new)})


def undone(tree: ast.Module, site: Site, mutation: Mutation) -> ast.Module:
    """The tree that `mutated` was called on, but for the positions within the site."""
    back = Site(site.place, site.span, site.kind, site.text, mutation.after, site.mutations)
    return mutated(tree, back, Mutation("undone", site.before))


def runnable(tree: ast.Module, site: Site, mutation: Mutation) -> ast.Module:
    """`mutated`, made to fit in the place of a function that is alive, and no more than that.

    Only the function or class at the top of the module that holds the site is in it.

    The old expression stays behind in a branch that is never taken: a function's code can only
    be exchanged for code with the same free variables, and the mutation may use fewer of them.
    The new one reports, as `witnessed` does, that it was come by.
    """
    tree = _part(tree, site.span)
    new = _placed(parse_expression(mutation.after), site.span)
    old = _placed(parse_expression(site.before), site.span)
    if site.span in _targets(tree):
        return _with_value_witnessed(_edited(tree, {site.span: (site, new)}), site)
    choice = ast.IfExp(ast.Constant(True), _saw(0, new), old)
    return _edited(tree, {site.span: (site, _placed(choice, site.span))})


def witnessed(tree: ast.Module, sites: Mapping[int, Site]) -> ast.Module:
    """A copy of the tree that calls `WITNESS(i, value)` wherever it comes by site number i.

    The witness gives the value back; the code computes what it computed. `WITNESS(~i, value)`
    reports the tensor that the site works on, before. A site that is assigned to reports the
    value that is assigned.
    """
    every = list(sites.items())
    targets = _targets(tree)
    new = copy.deepcopy(tree)
    _Witness([(i, site) for i, site in every if site.span not in targets]).visit(new)
    for i, site in every:
        if site.span in targets:
            new = _with_value_witnessed(new, site, i)
    return ast.fix_missing_locations(new)


def line_with(source: str, site: Site, mutation: Mutation) -> str:
    """The line (or lines) of the site as the mutation has them."""
    return Text(source).replaced(site.span, mutation.after)


def _saw(index: int, value: ast.expr) -> ast.expr:
    return ast.Call(ast.Name(WITNESS, ast.Load()), [ast.Constant(index), value], [])


def _placed(node: ast.expr, span: Span) -> ast.expr:
    """The node with every position in it that of the span."""
    for part in ast.walk(node):
        if isinstance(part, (ast.expr, ast.keyword)):
            part.lineno, part.col_offset = span.line, span.column
            part.end_lineno, part.end_col_offset = span.end_line, span.end_column
    return node


def _edited(tree: ast.Module, edits: dict[Span, tuple[Site, ast.expr]]) -> ast.Module:
    editor = _Edit(edits)
    new = editor.visit(copy.deepcopy(tree))
    if editor.left:
        site = next(iter(editor.left.values()))[0]
        raise SiteNotFound(f"{site.place} does not read {site.before}")
    assert isinstance(new, ast.Module)
    return new


def _says(node: ast.expr, text: str) -> bool:
    return _dump(node) == _dump(parse_expression(text))


def _dump(node: ast.expr) -> str:
    return ast.dump(node).replace("ctx=Store()", "ctx=Load()")


class _Edit(ast.NodeTransformer):
    """Puts new expressions in the places of old ones, each once."""

    def __init__(self, edits: dict[Span, tuple[Site, ast.expr]]) -> None:
        self.left = dict(edits)

    def visit(self, node: ast.AST) -> ast.AST:
        if isinstance(node, ast.expr) and node.end_lineno is not None:
            span = span_of(node)
            if span in self.left and _says(node, self.left[span][0].before):
                _, new = self.left.pop(span)
                context = getattr(node, "ctx", None)
                return _assigned_to(new) if isinstance(context, ast.Store) else new
        self.generic_visit(node)
        return node


def _assigned_to(node: ast.expr) -> ast.expr:
    """An expression as the target of an assignment."""
    if isinstance(node, (ast.Tuple, ast.List)):
        node.elts = [_assigned_to(element) for element in node.elts]
    if isinstance(node, ast.Starred):
        node.value = _assigned_to(node.value)
    if isinstance(node, (ast.Tuple, ast.List, ast.Starred, ast.Name, ast.Attribute, ast.Subscript)):
        node.ctx = ast.Store()
    return node


class _Witness(ast.NodeTransformer):
    def __init__(self, sites: list[tuple[int, Site]]) -> None:
        self._sites: dict[Span, list[tuple[int, Site]]] = {}
        for i, site in sites:
            self._sites.setdefault(site.span, []).append((i, site))

    def visit(self, node: ast.AST) -> ast.AST:
        if not isinstance(node, ast.expr) or node.end_lineno is None:
            return self.generic_visit(node)
        here = [(i, s) for i, s in self._sites.get(span_of(node), ()) if _says(node, s.before)]
        holder = _holder_of_subject(node, here[0][1]) if here else None
        self.generic_visit(node)
        new: ast.expr = node
        for index, _ in here:
            new = ast.copy_location(_saw(index, new), node)
            if holder is not None:
                _report(holder, ~index)
        return new


Holder = ast.Attribute | ast.Subscript | ast.Call | ast.BinOp


def _holder_of_subject(node: ast.expr, site: Site) -> Holder | None:
    """The node whose first part is the tensor that a site works on.

    `x` is the value of `x.sum` and of `x[0]`, and the first argument of `torch.sum(x)`.
    """
    if not site.subject:
        return None
    match node:
        case ast.Call(func=ast.Attribute(value=value) as func) if _says(value, site.subject):
            return func
        case ast.Call(args=[value, *_]) if _says(value, site.subject):
            return node
        case ast.Subscript(value=value) | ast.Attribute(value=value) if _says(value, site.subject):
            return node
        case ast.BinOp(left=value) if _says(value, site.subject):
            return node
    return None


def _report(holder: Holder, index: int) -> None:
    if isinstance(holder, ast.Call):
        holder.args[0] = ast.copy_location(_saw(index, holder.args[0]), holder.args[0])
    elif isinstance(holder, ast.BinOp):
        holder.left = ast.copy_location(_saw(index, holder.left), holder.left)
    else:
        holder.value = ast.copy_location(_saw(index, holder.value), holder.value)


def _part(tree: ast.Module, span: Span) -> ast.Module:
    """The statement at the top of a module that holds a span, with the module's `__future__`."""

    def wanted(statement: ast.stmt) -> bool:
        decorators = getattr(statement, "decorator_list", [])
        first = min([statement.lineno, *(d.lineno for d in decorators)])
        future = isinstance(statement, ast.ImportFrom) and statement.module == "__future__"
        return future or first <= span.line <= (statement.end_lineno or first)

    return ast.Module([s for s in tree.body if wanted(s)], [])


def _targets(tree: ast.Module) -> set[Span]:
    """Where tuples and subscripts stand that are assigned to."""
    return {
        span_of(node)
        for node in ast.walk(tree)
        if isinstance(node, (ast.Tuple, ast.Subscript)) and isinstance(node.ctx, ast.Store)
    }


def _with_value_witnessed(tree: ast.Module, site: Site, index: int = 0) -> ast.Module:
    """The tree with what is assigned to the site (or looped over, for it) reported."""
    for node in ast.walk(tree):
        targets = getattr(node, "targets", None) or [getattr(node, "target", None)]
        within = any(
            isinstance(part, ast.expr)
            and part.end_lineno is not None
            and span_of(part) == site.span
            for target in targets
            for part in (ast.walk(target) if isinstance(target, ast.expr) else ())
        )
        name = "value" if getattr(node, "value", None) is not None else "iter"
        value = getattr(node, name, None)
        if within and isinstance(value, ast.expr):
            setattr(node, name, ast.copy_location(_saw(index, value), value))
            return ast.fix_missing_locations(tree)
    return tree
