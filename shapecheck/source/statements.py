"""The statements of a unit, by line: which one ends here, which follows, what it binds.

What a comment may describe is found here; nothing is run.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

Function = ast.FunctionDef | ast.AsyncFunctionDef
_BLOCKS = ("body", "orelse", "finalbody")
_COMPOUND = (
    ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.TryStar,
    ast.Match, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef,
)  # fmt: skip
_MOST_IN_PARAGRAPH = 6


@dataclass(eq=False)
class Statement:
    """A statement with its neighbours: its block, its place in it, the function around it."""

    node: ast.stmt
    block: list[Statement]
    index: int
    function: Function | None
    qualname: str
    in_class: bool
    parent: Statement | None

    @property
    def line(self) -> int:
        """The first line."""
        return self.node.lineno

    @property
    def header_end(self) -> int:
        """The last line of a simple statement, or of the header of a compound one."""
        body: list[ast.stmt] | None = getattr(self.node, "body", None)
        if isinstance(self.node, _COMPOUND) and body:
            return max(self.node.lineno, _first_line(body[0]) - 1)
        return self.node.end_lineno or self.node.lineno

    @property
    def is_compound(self) -> bool:
        return isinstance(self.node, _COMPOUND)

    @property
    def previous(self) -> Statement | None:
        return self.block[self.index - 1] if self.index else None

    def paragraph(self) -> list[Statement]:
        """This statement and those that follow without a gap, up to a compound one."""
        result = [self]
        for follower in self.block[self.index + 1 :]:
            last = result[-1]
            gap = follower.line > last.header_end + 1
            if gap or last.is_compound or len(result) == _MOST_IN_PARAGRAPH:
                break
            result.append(follower)
        return result


@dataclass
class Statements:
    """All statements of a tree, in the order of their lines."""

    all: list[Statement] = field(default_factory=list)

    @classmethod
    def of(cls, tree: ast.Module) -> Statements:
        found = cls()
        found._block(tree.body, None, "", in_class=False, parent=None)
        found.all.sort(key=lambda s: (s.line, s.node.col_offset))
        return found

    def _block(
        self,
        nodes: list[ast.stmt],
        function: Function | None,
        qualname: str,
        *,
        in_class: bool,
        parent: Statement | None,
    ) -> None:
        block: list[Statement] = []
        for index, node in enumerate(nodes):
            statement = Statement(node, block, index, function, qualname, in_class, parent)
            block.append(statement)
            self.all.append(statement)
            inner_function, inner_name, inner_class = function, qualname, in_class
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                inner_function, inner_class = node, False
                inner_name = f"{qualname}.{node.name}" if qualname else node.name
            elif isinstance(node, ast.ClassDef):
                inner_class = True
                inner_name = f"{qualname}.{node.name}" if qualname else node.name
            for inner in _blocks_of(node):
                self._block(
                    inner, inner_function, inner_name, in_class=inner_class, parent=statement
                )

    def ending_on(self, line: int) -> list[Statement]:
        """Those whose last line (or header's last line) this is."""
        return [s for s in self.all if s.header_end == line or (s.is_compound and s.line == line)]

    def spanning(self, line: int) -> Statement | None:
        """The simple statement, or the header, that is still open at the end of this line."""
        open_here = (s for s in self.all if s.line <= line < s.header_end and not s.is_compound)
        return next(open_here, None)

    def after(self, line: int) -> Statement | None:
        """The first one below a line, decorators counted to their function."""
        return next((s for s in self.all if _first_line(s.node) > line), None)

    def binding(self, name: str, function: Function | None) -> list[Statement]:
        """Those of one function (or of the module) that bind a variable."""
        return [s for s in self.all if s.function is function and name in bound_by(s.node)]

    def returns(self, function: Function | None) -> list[Statement]:
        """The `return` statements of one function."""
        return [s for s in self.all if s.function is function and isinstance(s.node, ast.Return)]


def _first_line(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(d.lineno for d in decorators)])


def _blocks_of(node: ast.stmt) -> Iterator[list[ast.stmt]]:
    for name in _BLOCKS:
        block = getattr(node, name, None)
        if isinstance(block, list) and block and isinstance(block[0], ast.stmt):
            yield block
    for handler in getattr(node, "handlers", []):
        yield handler.body
    for case in getattr(node, "cases", []):
        yield case.body


def targets_of(node: ast.stmt) -> list[ast.expr]:
    """What a statement assigns to: the targets of an assignment, a `for` or a `with`."""
    match node:
        case ast.Assign(targets=targets):
            return targets
        case ast.AnnAssign(target=target, value=ast.expr()) | ast.AugAssign(target=target):
            return [target]
        case ast.For(target=target) | ast.AsyncFor(target=target):
            return [target]
        case ast.With(items=items) | ast.AsyncWith(items=items):
            return [item.optional_vars for item in items if item.optional_vars is not None]
    return []


def names_in(targets: Iterable[ast.expr]) -> list[str]:
    """The variables among targets, in order, tuples opened; attributes with their dots."""
    names: list[str] = []
    for target in targets:
        if isinstance(target, (ast.Tuple, ast.List)):
            names += names_in(target.elts)
        elif isinstance(target, ast.Starred):
            names += names_in([target.value])
        elif isinstance(target, (ast.Name, ast.Attribute)):
            names.append(ast.unparse(target))
    return names


def bound_by(node: ast.stmt) -> list[str]:
    """The variables and attributes that a statement binds itself."""
    return names_in(targets_of(node))


def touched_by(node: ast.stmt) -> list[str]:
    """What a statement binds, and the containers that it puts something into (`x[0] = …`)."""
    containers = [
        inner.value
        for target in targets_of(node)
        for inner in ast.walk(target)
        if isinstance(inner, ast.Subscript)
    ]
    return bound_by(node) + names_in(containers)


def literals_in(statements: Iterable[Statement]) -> tuple[int, ...]:
    """The integers written in simple statements."""
    found = {
        node.value
        for statement in statements
        if not statement.is_compound
        for node in ast.walk(statement.node)
        if isinstance(node, ast.Constant) and type(node.value) is int
    }
    return tuple(sorted(found))


def parameters(function: Function) -> list[str]:
    """The names of a function's parameters, in order."""
    a = function.args
    named = [*a.posonlyargs, *a.args, *a.kwonlyargs]
    return [p.arg for p in (*named, *filter(None, (a.vararg, a.kwarg)))]


def surely_bound(statement: Statement) -> frozenset[str]:
    """Local variables that have a value whenever this statement is reached.

    The parameters, and what assignments before it in its own and the enclosing blocks bind. A
    variable that is deleted, global or nonlocal somewhere in the function is left out.
    """
    if statement.function is None:
        return frozenset()
    names = set(parameters(statement.function))
    at: Statement | None = statement
    while at is not None and at.function is statement.function:
        for earlier in at.block[: at.index]:
            if not earlier.is_compound:
                names.update(n for n in bound_by(earlier.node) if n.isidentifier())
        at = at.parent
        if at is not None and isinstance(at.node, (ast.For, ast.AsyncFor)):
            in_body = any(inner is statement.node for b in at.node.body for inner in ast.walk(b))
            if in_body and at.function is statement.function:
                names.update(n for n in bound_by(at.node) if n.isidentifier())
    return frozenset(names - _unsure(statement.function))


def _unsure(function: Function) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(function):
        if isinstance(node, (ast.Global, ast.Nonlocal)):
            names.update(node.names)
        elif isinstance(node, ast.Delete):
            names.update(names_in(node.targets))
        elif isinstance(node, ast.ExceptHandler) and node.name:
            names.add(node.name)
    return names
