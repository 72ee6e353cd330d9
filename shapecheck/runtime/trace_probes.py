"""Puts probes into a syntax tree that show what each line makes; the program computes the same.

A probe is a call that returns its argument, or one more statement that reads variables just
bound. Evaluation order, line numbers, local variables and the frames that called functions see
stay as they are. Loads no torch. Other probes may be in the tree already: they are left alone.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from shapecheck.core.site import Place, Span
from shapecheck.core.trace import MadeAs

_OURS = "__shapecheck_"
_Node = TypeVar("_Node", bound=ast.AST)
_Function = ast.FunctionDef | ast.AsyncFunctionDef
_OPAQUE = (  # what is inside runs at another time, in another scope, or is a text
    ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.JoinedStr,
)  # fmt: skip
_SIZES = frozenset(("shape", "size", "dim", "ndim", "numel", "ndimension"))


@dataclass(frozen=True)
class TracePoint:
    """Where one value is seen. `sizes` says that a whole number there was read from a shape."""

    place: Place
    span: Span
    name: str
    made_as: MadeAs
    sizes: bool = False


def instrument(
    tree: ast.Module, label: str, text: str, first_line: int, probe: str, first: int
) -> list[TracePoint]:
    """Put probes into a tree, in place, and list their points, which are numbered from `first`.

    `probe` begins the names under which the code finds what listens: it ends in `seen__`,
    `told__`, `opened__`. `label` names the file or cell
    whose `text` begins at `first_line`.
    """
    placer = _Placer(label, text, first_line, probe, first)
    placer.block(tree.body)
    ast.fix_missing_locations(tree)
    return placer.points


class _Placer:
    def __init__(self, label: str, text: str, first_line: int, probe: str, first: int) -> None:
        self.points: list[TracePoint] = []
        self._label = label
        self._lines = [line.encode() for line in text.split("\n")]
        self._first_line = first_line
        self._probe = probe
        self._first = first
        self._functions: list[str] = []

    # -- statements -----------------------------------------------------------------------

    def block(self, body: list[ast.stmt]) -> None:
        """Instrument the statements of a block, in place."""
        body[:] = [made for node in body for made in self._statement(node)]

    def _statement(self, node: ast.stmt) -> list[ast.stmt]:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._function(node)
            case ast.ClassDef(name=name):
                self._inside(name, node.body)
            case ast.Assign() | ast.AnnAssign() | ast.AugAssign():
                return self._assignment(node)
            case ast.Return(value=ast.expr() as value):
                node.value = self._shown(value, "return", "returned", span=node)
            case ast.Expr(value=value):
                node.value = self._alone(value)
            case ast.For() | ast.AsyncFor():
                node.iter = self._steps(node.iter)
                self._bound_in(node, [node.target])
            case ast.With() | ast.AsyncWith():
                self._bound_in(node, [item.optional_vars for item in node.items])
            case _:
                self._blocks(node)
        return [node]

    def _blocks(self, node: ast.AST) -> None:
        for _, value in ast.iter_fields(node):
            if isinstance(value, list) and value and isinstance(value[0], ast.stmt):
                self.block(value)
            elif isinstance(value, list):
                for child in value:
                    if isinstance(child, (ast.ExceptHandler, ast.match_case)):
                        self._blocks(child)

    def _inside(self, name: str, body: list[ast.stmt]) -> None:
        self._functions.append(name)
        self.block(body)
        self._functions.pop()

    def _function(self, node: _Function) -> None:
        self._inside(node.name, node.body)
        names = [a.arg for a in _arguments(node.args) if a.arg not in ("self", "cls")]
        if not names:
            return
        function = ".".join([*self._functions, node.name])
        told = []
        at = 1 if ast.get_docstring(node, clean=False) is not None else 0
        anchor = node.body[min(at, len(node.body) - 1)]
        for argument in _arguments(node.args):
            if argument.arg in names:
                number = self._point(argument, argument.arg, "argument", function=function)
                told.append(self._told(number, argument.arg, anchor))
        node.body[at:at] = told

    def _assignment(self, node: ast.Assign | ast.AnnAssign | ast.AugAssign) -> list[ast.stmt]:
        if node.value is None or isinstance(node.value, ast.Constant):
            return [node]
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        sizes = _reads_sizes(node.value)
        node.value = self._steps(node.value)
        names = [leaf for target in targets for leaf in _leaves(target)]
        if all(isinstance(leaf, ast.Name) for leaf in names):
            after = [
                self._told(self._target(leaf, leaf.id, node, sizes), leaf.id, node)
                for leaf in _once(names)
            ]
            return [node, *after]
        if len(targets) == 1 and not isinstance(node, ast.AugAssign):
            node.value = self._opened(node, targets[0], node.value, sizes)
        return [node]

    def _opened(self, node: ast.stmt, target: ast.expr, value: ast.expr, sizes: bool) -> ast.expr:
        """The value of an assignment to more than variables: what goes where is seen before."""
        parts = [target]
        if isinstance(target, (ast.Tuple, ast.List)):
            starred = any(isinstance(element, ast.Starred) for element in target.elts)
            parts = [target] if starred else target.elts
        numbers: list[ast.expr] = [
            ast.Constant(self._target(part, self._text(part), node, sizes)) for part in parts
        ]
        if parts == [target]:
            return _located(self._call("seen", [*numbers, value]), value)
        given = ast.Tuple(numbers, ast.Load())
        return _located(self._call("opened", [given, value]), value)

    def _bound_in(self, node: ast.stmt, targets: Sequence[ast.expr | None]) -> None:
        self._blocks(node)
        leaves = [leaf for target in targets if target is not None for leaf in _leaves(target)]
        told = [
            self._told(self._point(leaf, leaf.id, "looped"), leaf.id, leaf)
            for leaf in _once(leaves)
        ]
        node.body[:0] = told  # type: ignore[attr-defined] # every caller has a body

    def _alone(self, value: ast.expr) -> ast.expr:
        if _is_probe(value):
            return self._steps(value) if _hands_on(value) else value
        match value:
            case ast.Yield(value=ast.expr() as given):
                value.value = self._shown(given, "yield", "returned")
                return value
            case ast.Constant() | ast.Yield() | ast.YieldFrom():
                return value
        return self._shown(value, self._text(value), "result")

    # -- expressions ----------------------------------------------------------------------

    def _shown(
        self, value: ast.expr, name: str, made_as: MadeAs, span: ast.stmt | None = None
    ) -> ast.expr:
        """The value of a statement, with a probe around it and those inside it."""
        if isinstance(value, ast.Constant):
            return value
        number = self._point(span or value, name, made_as, sizes=_reads_sizes(value))
        return self._seen(number, self._steps(value))

    def _steps(self, node: ast.expr) -> ast.expr:
        """Probes around the values on the way to this one, which itself has none."""
        if isinstance(node, _OPAQUE):
            return node
        if isinstance(node, ast.NamedExpr):
            node.value = self._steps(node.value)
            number = self._point(node, node.target.id, "assigned", sizes=_reads_sizes(node.value))
            node.value = self._seen(number, node.value)
            return node
        if _is_probe(node):
            assert isinstance(node, ast.Call)
            node.args[-1] = self._steps(node.args[-1])
            return node
        for field, value in ast.iter_fields(node):
            if isinstance(value, ast.expr) and not isinstance(value, ast.Slice):
                setattr(node, field, self._step(value))
            elif isinstance(value, list):
                value[:] = [self._item(child) for child in value]
        return node

    def _item(self, child: ast.AST) -> ast.AST:
        if isinstance(child, ast.keyword):
            child.value = self._step(child.value)
            return child
        if isinstance(child, ast.Starred):
            child.value = self._step(child.value)
            return child
        return self._step(child) if isinstance(child, ast.expr) else child

    def _step(self, node: ast.expr) -> ast.expr:
        """A value on the way: calls, operators and indexing make new ones."""
        shown = _without_probes(node)
        if not isinstance(shown, (ast.Call, ast.BinOp, ast.Subscript, ast.Compare)):
            return self._steps(node)
        if _calls(shown, "super") or not _is_load(shown):
            return node
        number = self._point(shown, self._text(shown), "step")
        return self._seen(number, self._steps(node))

    # -- probes ---------------------------------------------------------------------------

    def _target(self, target: ast.expr, name: str, statement: ast.stmt, sizes: bool) -> int:
        return self._point(target, name, "assigned", sizes=sizes, within=statement)

    def _point(
        self,
        at: ast.AST,
        name: str,
        made_as: MadeAs,
        *,
        sizes: bool = False,
        function: str = "",
        within: ast.stmt | None = None,
    ) -> int:
        span = _span(at)
        place = Place(self._label, span.line, span.column, function or ".".join(self._functions))
        self.points.append(TracePoint(place, _span(within or at), name, made_as, sizes))
        return self._first + len(self.points) - 1

    def _seen(self, number: int, value: ast.expr) -> ast.expr:
        return _located(self._call("seen", [ast.Constant(number), value]), value)

    def _told(self, number: int, name: str, at: ast.AST) -> ast.stmt:
        value = ast.Name(name, ast.Load())
        return _located(ast.Expr(self._call("told", [ast.Constant(number), value])), at)

    def _call(self, method: str, arguments: list[ast.expr]) -> ast.Call:
        return ast.Call(ast.Name(f"{self._probe}{method}__", ast.Load()), arguments, [])

    def _text(self, node: ast.expr) -> str:
        """An expression as it is written, on one line."""
        span = _span(node)
        lines = self._lines[span.line - self._first_line : span.end_line - self._first_line + 1]
        if not lines:
            return ast.unparse(node)
        lines[-1] = lines[-1][: span.end_column]
        lines[0] = lines[0][span.column :]
        return " ".join(line.decode(errors="replace").strip() for line in lines)


def _leaves(target: ast.expr) -> Iterator[ast.Name]:
    """What an assignment binds; anything but a variable is given as it is, for the caller."""
    match target:
        case ast.Tuple(elts=elts) | ast.List(elts=elts):
            for element in elts:
                yield from _leaves(element)
        case ast.Starred(value=value):
            yield from _leaves(value)
        case _:
            yield target  # type: ignore[misc] # told apart where it matters


def _once(leaves: Sequence[ast.expr]) -> list[ast.Name]:
    names = {leaf.id: leaf for leaf in leaves if isinstance(leaf, ast.Name)}
    return [leaf for name, leaf in names.items() if name != "_"]


def _arguments(arguments: ast.arguments) -> list[ast.arg]:
    rest = [a for a in (arguments.vararg, arguments.kwarg) if a is not None]
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *rest]


def _is_probe(node: ast.AST) -> bool:
    """True for the call of a probe that is there already."""
    if not isinstance(node, ast.Call):
        return False
    function = node.func.value if isinstance(node.func, ast.Attribute) else node.func
    return isinstance(function, ast.Name) and function.id.startswith(_OURS)


def _hands_on(probe: ast.expr) -> bool:
    """True for a probe around an expression: it returns its last argument."""
    assert isinstance(probe, ast.Call)
    return bool(probe.args) and not isinstance(probe.args[-1], (ast.Name, ast.Constant))


def _without_probes(node: ast.expr) -> ast.expr:
    while _is_probe(node):
        assert isinstance(node, ast.Call)
        node = node.args[-1]
    return node


def _calls(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name


def _is_load(node: ast.expr) -> bool:
    return not isinstance(node, ast.Subscript) or isinstance(node.ctx, ast.Load)


def _reads_sizes(node: ast.expr) -> bool:
    """True for `x.shape`, `x.size(0)`, `len(x)` and what is computed of them."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Attribute) and inner.attr in _SIZES:
            return True
        if _calls(inner, "len"):
            return True
    return False


def _span(node: ast.AST) -> Span:
    assert isinstance(node, (ast.expr, ast.stmt, ast.arg))
    end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or 0
    return Span(node.lineno, node.col_offset, end_line, end_column)


def _located(node: _Node, at: ast.AST) -> _Node:
    for inner in ast.walk(node):
        if not hasattr(inner, "lineno"):
            ast.copy_location(inner, at)
    return node
