"""The points of a tree as its probes are put in: their operands, and how each is seen.

Other probes may be in the tree already: they are looked through.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from shapecheck.runtime.arrays.exempt import modules
from shapecheck.runtime.arrays.names import ArrayNames
from shapecheck.runtime.arrays.points import (
    ArrayPoint,
    Known,
    Recipe,
    Several,
    Slot,
    Span,
    is_number,
)

_OURS = "__shapecheck_"
Operand = tuple[Recipe, ast.expr]  # how to know it, and what stands for it in the tree


class Operands:
    """Makes points, numbered from `first`, and the calls of the probes whose names begin so."""

    def __init__(self, tree: ast.Module, probe: str, first: int) -> None:
        self.points: list[ArrayPoint] = []
        self.modules = modules(tree)
        self._first = first
        self._probe = probe
        self._names = ArrayNames(tree, self.modules)

    def inside(self, node: ast.expr) -> ast.expr:
        """The expression with probes in it, and around it where it makes an array."""
        raise NotImplementedError

    # -- operands -------------------------------------------------------------------------

    def taken(self, number: int, node: ast.expr, how: str) -> Operand:
        """An argument or an index, looked into where it is a tuple, a list or a slice."""
        match node:
            case ast.Tuple(elts=elts) | ast.List(elts=elts) if not any(
                isinstance(e, ast.Starred) for e in elts
            ):
                recipes = []
                for i, element in enumerate(elts):
                    recipe, elts[i] = self.taken(number, element, how)
                    recipes.append(recipe)
                return Several(tuple(recipes), isinstance(node, ast.List)), node
            case ast.Slice():
                bounds: list[Recipe] = []
                for field in ("lower", "upper", "step"):
                    bound = getattr(node, field)
                    recipe = Known(None)
                    if bound is not None:
                        recipe, bound = self.taken(number, bound, how)
                        setattr(node, field, bound)
                    bounds.append(recipe)
                return Span(*bounds), node
            case ast.Attribute(attr="newaxis", value=ast.Name(id=base)) if base in self.modules:
                return Known(None), node
            case ast.Starred():
                return self.operand(number, node, how)
        return self.operand(number, self.inside(node), how)

    def operand(self, number: int, node: ast.expr, how: str) -> Operand:
        """One value, with a probe of the kind `how` around it where it is not known."""
        shown = unprobed(node)
        if isinstance(shown, ast.Constant):
            return Known(shown.value), node
        if is_number(shown):
            assert isinstance(shown, ast.UnaryOp)
            return Known(-ast.literal_eval(shown.operand)), node
        if isinstance(node, (ast.Starred, ast.Slice)):
            return Slot(self.slot(number)), node
        if how == "given" and not self.may_be(shown):
            return Slot(self.slot(number)), node
        slot = self.slot(number)
        where = ast.Constant(slot)
        call = ast.Call(self.named(how), [ast.Constant(number), where, node], [])
        return Slot(slot), at_place(call, node)

    def slot(self, number: int) -> int:
        point = self.points[number - self._first]
        point.slots += 1
        return point.slots - 1

    # -- points ---------------------------------------------------------------------------

    def point(self, kind: str, name: str) -> int:
        """The number of a new point."""
        self.points.append(ArrayPoint(kind, name))
        return self._first + len(self.points) - 1

    def settle(
        self, number: int, args: Iterable[Recipe], named: Iterable[tuple[str, Recipe]] = ()
    ) -> None:
        """Say where a point has its operands from."""
        point = self.points[number - self._first]
        point.args, point.named = tuple(args), tuple(named)

    def made(self, number: int, node: ast.expr, how: str = "made") -> ast.expr:
        """The expression at a point with the probe that sees what it makes."""
        return at_place(self.call(how, number, node), node)

    def call(self, how: str, number: int, value: ast.expr) -> ast.Call:
        return ast.Call(self.named(how), [ast.Constant(number), value], [])

    def named(self, how: str) -> ast.Name:
        return ast.Name(f"{self._probe}{how}__", ast.Load())

    def arrays_meet(self, left: ast.expr, right: ast.expr) -> bool:
        if is_text(left) or is_text(right):
            return False
        return self.may_be(left) or self.may_be(right)

    def may_be(self, node: ast.expr) -> bool:
        return self._names.may_be(unprobed(node))


def at_place(call: ast.Call, at: ast.AST) -> ast.Call:
    """The call of a probe, placed where what it hands on stands."""
    for inner in (call, call.func, *call.args):
        if not hasattr(inner, "lineno"):
            ast.copy_location(inner, at)
    return call


def is_probe(node: ast.AST) -> bool:
    """True for the call of a probe, whoever put it there."""
    if not isinstance(node, ast.Call):
        return False
    function = node.func.value if isinstance(node.func, ast.Attribute) else node.func
    return isinstance(function, ast.Name) and function.id.startswith(_OURS)


def unprobed(node: ast.expr) -> ast.expr:
    """The expression that probes stand around."""
    while is_probe(node):
        assert isinstance(node, ast.Call)
        if not node.args:
            return node
        node = node.args[-1]
    return node


def is_text(node: ast.expr) -> bool:
    """True for a string that is written out."""
    shown = unprobed(node)
    text = isinstance(shown, ast.Constant) and isinstance(shown.value, (str, bytes))
    return text or isinstance(shown, ast.JoinedStr)
