"""One operation on a tensor: a method (`x.sum(1)`) or a function (`torch.sum(x, 1)`)."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from shapecheck.core.site import SiteKind
from shapecheck.source.sites.scope import ARRAY_MODULES, Scope, Value

Edit = tuple[str, ast.expr]
_SUBJECTS = ("input", "x", "tensor", "tensors", "a", "self")


@dataclass
class Draft:
    """A site in the making: the node that is replaced, and what may stand in its place.

    `subject` is the tensor that the node works on: its text is kept as it was written.
    """

    kind: SiteKind
    node: ast.expr
    edits: Sequence[Edit] = ()
    subject: ast.expr | None = None


@dataclass
class Operation:
    """A call by its name, with the tensor that it works on apart from its other arguments.

    `sure` is False where only the method's name speaks for a tensor.
    """

    node: ast.Call
    name: str
    subject: ast.expr | None
    args: list[ast.expr]
    keywords: list[ast.keyword]
    function: bool
    sure: bool

    def rebuilt(
        self,
        args: list[ast.expr] | None = None,
        keywords: list[ast.keyword] | None = None,
        name: str = "",
        subject: ast.expr | None = None,
    ) -> ast.Call:
        """The same call with some of its parts replaced."""
        args = self.args if args is None else args
        keywords = self.keywords if keywords is None else keywords
        func = copy.copy(self.node.func)
        if name and isinstance(func, ast.Attribute):
            func.attr = name
        new_subject = self.subject if subject is None else subject
        if not self.function and isinstance(func, ast.Attribute):
            assert new_subject is not None
            func.value = new_subject
            return ast.Call(func, args, keywords)
        if self.node.args and new_subject is not None:
            return ast.Call(func, [new_subject, *args], keywords)
        return ast.Call(func, args, self._with_subject(keywords, new_subject))

    def _with_subject(
        self, keywords: list[ast.keyword], subject: ast.expr | None
    ) -> list[ast.keyword]:
        own = [k for k in self.node.keywords if k.value is self.subject]
        return [ast.keyword(k.arg, subject) for k in own if subject is not None] + keywords

    def given(self, position: int, *names: str) -> ast.expr | None:
        """The argument at a position (the tensor not counted) or by one of its names."""
        for keyword in self.keywords:
            if keyword.arg in names:
                return keyword.value
        return self.args[position] if 0 <= position < len(self.args) else None

    def giving(self, new: ast.expr, position: int, *names: str) -> ast.Call:
        """The call with that argument replaced, or added by the first of its names."""
        if any(k.arg in names for k in self.keywords):
            changed = [ast.keyword(k.arg, new) if k.arg in names else k for k in self.keywords]
            return self.rebuilt(keywords=changed)
        if 0 <= position < len(self.args):
            return self.rebuilt([*self.args[:position], new, *self.args[position + 1 :]])
        return self.rebuilt(keywords=[*self.keywords, ast.keyword(names[0], new)])

    def without(self, position: int, *names: str) -> ast.Call:
        """The call without that argument."""
        keywords = [k for k in self.keywords if k.arg not in names]
        if len(keywords) < len(self.keywords):
            return self.rebuilt(keywords=keywords)
        return self.rebuilt([*self.args[:position], *self.args[position + 1 :]])


def operation(node: ast.expr, scope: Scope) -> Operation | None:
    """The operation that a call is, unless what it is called on is surely no tensor."""
    if not isinstance(node, ast.Call) or any(k.arg is None for k in node.keywords):
        return None
    dotted = scope.dotted(node.func)
    if dotted:
        known = dotted.split(".")[0] in ARRAY_MODULES and "__version__" not in dotted
        return _function(node, dotted) if known else None
    if not isinstance(node.func, ast.Attribute):
        return None
    receiver = node.func.value
    if scope.is_foreign(receiver) or scope.value(receiver) is Value.OTHER:
        return None
    sure = scope.value(receiver) is Value.TENSOR
    name = node.func.attr.removesuffix("_") if node.func.attr[:1] != "_" else node.func.attr
    return Operation(node, name, receiver, node.args, node.keywords, False, sure)


def _function(node: ast.Call, dotted: str) -> Operation:
    name = dotted.rpartition(".")[2]
    if node.args:
        return Operation(node, name, node.args[0], node.args[1:], node.keywords, True, True)
    subject = next((k for k in node.keywords if k.arg in _SUBJECTS), None)
    rest = [k for k in node.keywords if k is not subject]
    return Operation(node, name, subject.value if subject else None, [], rest, True, True)


def integer(node: ast.expr | None) -> int | None:
    """The number that a literal such as `1` or `-1` is."""
    match node:
        case ast.Constant(value=bool()):
            return None
        case ast.Constant(value=int(number)):
            return number
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(number))):
            return -number
    return None


def number(value: int) -> ast.expr:
    """A literal."""
    literal = ast.Constant(abs(value))
    return literal if value >= 0 else ast.UnaryOp(ast.USub(), literal)


def other_dims(dim: ast.expr) -> Iterator[Edit]:
    """Dims that are easily written instead, nearest first.

    Neighbours count from the same end, so that they are another axis at every rank.
    """
    value = integer(dim)
    if value is None:
        if not isinstance(dim, (ast.Tuple, ast.List, ast.Constant)):
            yield "another dim", ast.BinOp(dim, ast.Sub(), ast.Constant(1))
        return
    near = {0: [1], 1: [0, 2], -1: [-2, 0], -2: [-1, -3]}
    for other in near.get(value, [value - 1, value + 1]):
        yield f"dim {value} → {other}", number(other)


def swapped(items: list[ast.expr], i: int, j: int) -> list[ast.expr]:
    """The items with two of them in each other's place."""
    new = list(items)
    new[i], new[j] = new[j], new[i]
    return new
