"""Puts probes into a syntax tree where numpy arrays are made, read and met.

A probe is a call that returns its last argument: the operation itself stays in the program's own
frame, so that its evaluation order, its errors, its tracebacks and its carets are the program's.
Only variables changed in place (`x -= m`) are read once more, in a statement behind. Loads no
numpy and no torch.
"""

from __future__ import annotations

import ast
import copy

from shapecheck.runtime.arrays.exempt import suspending
from shapecheck.runtime.arrays.operands import Operands, at_place, is_probe, is_text, unprobed
from shapecheck.runtime.arrays.points import (
    FUNCTIONS,
    MADE_BY_SIZES,
    METHODS,
    OPERATORS,
    TENSORS_OF,
    ArrayPoint,
    Recipe,
    Slot,
    is_number,
)

_MOST_NESTED = 40  # levels of an expression that are looked into
_MOST_LEVELS = 150  # of a whole tree: a probe adds one at each


def instrument(tree: ast.Module, probe: str, first: int) -> tuple[ast.Module, list[ArrayPoint]]:
    """A copy of the tree with probes, and the points they stand at, numbered from `first`.

    `probe` begins the names under which the code finds the probes. Raises RecursionError for what
    is nested so deeply that Python might not compile it with probes in it.
    """
    if _depth(tree) > _MOST_LEVELS:
        raise RecursionError
    made = copy.deepcopy(tree)
    placer = _Placer(made, probe, first)
    placer.block(made.body)
    return made, placer.points


def _depth(tree: ast.AST) -> int:
    """The levels of a tree."""
    levels, nodes = 0, [tree]
    while nodes:
        levels += 1
        nodes = [child for node in nodes for child in ast.iter_child_nodes(node)]
    return levels


class _Placer(Operands):
    def __init__(self, tree: ast.Module, probe: str, first: int) -> None:
        super().__init__(tree, probe, first)
        self._suspends = suspending(tree)
        self._depth = 0

    # -- statements -----------------------------------------------------------------------

    def block(self, body: list[ast.stmt]) -> None:
        """Put probes into the statements of a block, in place."""
        body[:] = [made for node in body for made in self._statement(node)]

    def _statement(self, node: ast.stmt) -> list[ast.stmt]:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                self.block(node.body)
                return [node]
            case ast.AugAssign():
                return self._changed(node)
            case ast.Delete() | ast.Global() | ast.Nonlocal() | ast.Import() | ast.ImportFrom():
                return [node]
        for name, value in ast.iter_fields(node):
            if name in ("target", "targets", "annotation"):
                continue
            if isinstance(value, ast.expr):
                setattr(node, name, self.inside(value))
            elif isinstance(value, list):
                self._list(value)
        return [node]

    def _list(self, value: list[ast.AST]) -> None:
        if value and isinstance(value[0], ast.stmt):
            self.block(value)  # type: ignore[arg-type]  # reason: of one kind throughout
            return
        for child in value:
            if isinstance(child, ast.withitem):
                child.context_expr = self.inside(child.context_expr)
            elif isinstance(child, (ast.ExceptHandler, ast.match_case)):
                self.block(child.body)

    def _changed(self, node: ast.AugAssign) -> list[ast.stmt]:
        """`x -= m`: what `x` then is, and what it met."""
        node.value = self.inside(node.value)
        name = OPERATORS.get(type(node.op).__name__)
        target = node.target
        if name is None or not isinstance(target, ast.Name) or id(node) in self._suspends:
            return [node]
        if not (self.may_be(target) and self.may_be(node.value)):
            return [node]
        number = self.point("changed", name)
        recipe, node.value = self.operand(number, node.value, "given")
        slot = self.slot(number)
        self.settle(number, [Slot(slot), recipe])
        told = [ast.Constant(number), ast.Constant(slot), ast.Name(target.id, ast.Load())]
        call = at_place(ast.Call(self.named("told"), told, []), node)
        return [node, ast.copy_location(ast.Expr(call), node)]

    # -- expressions ----------------------------------------------------------------------

    def inside(self, node: ast.expr) -> ast.expr:
        """The expression with probes in it, and around it where it makes an array."""
        if self._depth > _MOST_NESTED:
            return node
        self._depth += 1
        try:
            return self._looked_into(node)
        finally:
            self._depth -= 1

    def _looked_into(self, node: ast.expr) -> ast.expr:
        if isinstance(node, (ast.Constant, ast.Name, ast.JoinedStr)):
            return node
        if is_probe(node):
            assert isinstance(node, ast.Call)
            if node.args:
                node.args[-1] = self.inside(node.args[-1])
            return node
        if id(node) in self._suspends:
            return self._children(node)
        match node:
            case ast.BinOp(op=op) if type(op).__name__ in OPERATORS:
                return self._binary(node, node.left, node.right, OPERATORS[type(op).__name__])
            case ast.Compare(ops=[op], comparators=[right]) if type(op).__name__ in OPERATORS:
                return self._binary(node, node.left, right, OPERATORS[type(op).__name__])
            case ast.UnaryOp(op=ast.USub() | ast.Invert()) if not is_number(node):
                name = "__neg__" if isinstance(node.op, ast.USub) else "__invert__"
                return self._received(node, "operator", name, "operand")
            case ast.Subscript(ctx=ast.Load()):
                return self._indexed(node)
            case ast.Attribute(ctx=ast.Load(), attr="T" | "shape" as name):
                return self._received(node, "attribute", name, "value")
            case ast.Call():
                return self._called(node)
        return self._children(node)

    def _children(self, node: ast.expr) -> ast.expr:
        self._fields(node)
        return node

    def _fields(self, node: ast.AST) -> None:
        for name, value in ast.iter_fields(node):
            if isinstance(value, ast.expr) and name not in ("target", "annotation"):
                setattr(node, name, self.inside(value))
            elif isinstance(value, list):
                value[:] = [self._child(child) for child in value]

    def _child(self, node: ast.AST) -> ast.AST:
        if isinstance(node, ast.expr):
            return self.inside(node)
        if isinstance(node, (ast.keyword, ast.comprehension)):
            self._fields(node)
        return node

    def _binary(self, node: ast.expr, left: ast.expr, right: ast.expr, name: str) -> ast.expr:
        if not self.arrays_meet(left, right):
            return self._children(node)
        number = self.point("operator", name)
        recipes = []
        for side in (left, right):
            recipe, made = self.operand(number, self.inside(side), "given")
            recipes.append(recipe)
            if isinstance(node, ast.BinOp):
                node.left, node.right = (made, right) if side is left else (node.left, made)
            elif isinstance(node, ast.Compare):
                if side is left:
                    node.left = made
                else:
                    node.comparators = [made]
        self.settle(number, recipes)
        return self.made(number, node)

    def _received(self, node: ast.expr, kind: str, name: str, field: str) -> ast.expr:
        """What is done to one array alone."""
        value = self.inside(getattr(node, field))
        if not self.may_be(value):
            setattr(node, field, value)
            return node
        number = self.point(kind, name)
        recipe, value = self.operand(number, value, "given")
        setattr(node, field, value)
        self.settle(number, [recipe])
        return self.made(number, node)

    def _indexed(self, node: ast.Subscript) -> ast.expr:
        base = node.value
        text = isinstance(node.slice, (ast.JoinedStr,)) or is_text(node.slice)
        if text or (isinstance(base, ast.Attribute) and base.attr in ("shape", "environ", "argv")):
            return self._children(node)
        number = self.point("index", "__getitem__")
        recipe, node.value = self.operand(number, self.inside(base), "given")
        index, node.slice = self.taken(number, node.slice, "passed")
        self.settle(number, [recipe, index])
        return self.made(number, node)

    def _called(self, node: ast.Call) -> ast.expr:
        function = node.func
        simple = not any(isinstance(a, ast.Starred) for a in node.args)
        simple = simple and all(k.arg is not None for k in node.keywords)
        if isinstance(function, ast.Attribute):
            name = self._of_numpy(function)
            if name and simple:
                return self._function(node, name)
            if simple and not name and not _is_super(function.value):
                return self._method(node, function)
        elif isinstance(function, ast.Name) and function.id == "len" and len(node.args) == 1:
            number = self.point("length", "__len__")
            recipe, node.args[0] = self.operand(number, self.inside(node.args[0]), "given")
            self.settle(number, [recipe])
            return self.made(number, node)
        return self._children_of_call(node)

    def _children_of_call(self, node: ast.Call) -> ast.Call:
        self._children(node)
        return node

    def _method(self, node: ast.Call, function: ast.Attribute) -> ast.expr:
        name = function.attr
        if name in TENSORS_OF and node.args:
            number = self.point("handed", name)
            recipe, node.args[0] = self.operand(number, self.inside(node.args[0]), "given")
            self.settle(number, [recipe])
            node.args[1:] = [self.inside(a) for a in node.args[1:]]
            return self.made(number, node)
        if name == "numpy":
            number = self.point("brought", name)
            recipe, function.value = self.operand(number, self.inside(function.value), "handed")
            self.settle(number, [recipe])
            return self.made(number, node)
        if name == "resize":  # numpy refuses to resize what anybody refers to
            function.value = self._call_on(self.point("released", name), function.value)
            return self._children_of_call(node)
        if name in MADE_BY_SIZES:
            number = self.point("drawn", name)
            self.settle(number, [])
            self._children(node)
            return self.made(number, node, "drawn")
        if name not in METHODS:
            return self._children_of_call(node)
        number = self.point("method", name)
        receiver, function.value = self.operand(number, self.inside(function.value), "given")
        self._arguments(number, node, [receiver], "passed", METHODS[name])
        return self.made(number, node)

    def _call_on(self, number: int, value: ast.expr) -> ast.expr:
        self.settle(number, [])
        return at_place(self.call("released", number, self.inside(value)), value)

    def _function(self, node: ast.Call, name: str) -> ast.expr:
        last = name.rpartition(".")[2]
        if last in MADE_BY_SIZES:
            number = self.point("drawn", last)
            self.settle(number, [])
            self._children(node)
            return self.made(number, node, "drawn")
        if name not in FUNCTIONS:
            return self._children_of_call(node)
        number = self.point("function", name)
        self._arguments(number, node, [], "kept", FUNCTIONS[name])
        return self.made(number, node)

    def _arguments(
        self, number: int, node: ast.Call, recipes: list[Recipe], how: str, read: bool
    ) -> None:
        """The arguments of a call, as operands where they are `read`."""
        if not read and recipes:
            node.args[:] = [self.inside(a) for a in node.args]
            for keyword in node.keywords:
                keyword.value = self.inside(keyword.value)
            self.settle(number, recipes)
            return
        for i, given in enumerate(node.args):
            recipe, node.args[i] = self.taken(number, given, how)
            recipes.append(recipe)
        named = []
        for keyword in node.keywords:
            recipe, keyword.value = self.taken(number, keyword.value, how)
            named.append((keyword.arg or "", recipe))
        self.settle(number, recipes, named)

    def _of_numpy(self, function: ast.Attribute) -> str:
        """`random.randn` of `np.random.randn`; "" for what is no function of numpy's."""
        parts = [function.attr]
        base = function.value
        while isinstance(base, ast.Attribute):
            parts.append(base.attr)
            base = base.value
        if isinstance(base, ast.Name) and base.id in self.modules:
            return ".".join(reversed(parts))
        return ""


def _is_super(node: ast.expr) -> bool:
    match unprobed(node):
        case ast.Call(func=ast.Name(id="super")):
            return True
    return False
