"""Which expressions of a file may be numpy arrays, by what the file does with its variables.

Told by names alone, wherever they stand: a variable may hold an array where it is assigned what may
be one, where it is passed on to a variable that may, and where it is used as only arrays are. Loops
over plain numbers are left as they are.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from shapecheck.runtime.arrays.points import METHODS, TENSORS_OF
from shapecheck.runtime.arrays.scalars import is_scalar, scalars

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_OF_ARRAYS = frozenset(METHODS) | {"numpy"}
_READ = frozenset(("T", "shape", "ndim"))
_NUMBERS_WRITTEN = "item tolist keys append join format split strip count index"
_NUMBERS = frozenset(_NUMBERS_WRITTEN.split())
_NO_ARRAYS_WRITTEN = (
    "len int float bool str range print open isinstance type id hash repr dict set input "
    "setattr hasattr callable super"
)
_NO_ARRAYS = frozenset(_NO_ARRAYS_WRITTEN.split())
_LIBRARIES_WRITTEN = "torch F nn optim math random os sys re time json plt ax fig tqdm"
_LIBRARIES = frozenset(_LIBRARIES_WRITTEN.split())
_MOST_ROUNDS = 20


class ArrayNames:
    """The names of a file that may hold arrays: of variables, attributes and functions."""

    def __init__(self, tree: ast.Module, modules: frozenset[str]) -> None:
        self._modules = modules
        self._numbers = scalars(tree)
        self._names: set[str] = set()
        self._attributes: set[str] = set()
        self._functions: set[str] = set()
        nodes = list(ast.walk(tree))
        self._defined = {n.name: n for n in nodes if isinstance(n, _Function)}
        self._used(nodes)
        for _ in range(_MOST_ROUNDS):
            before = self._size()
            for node in nodes:
                self._flows(node)
            if self._size() == before:
                break

    def may_be(self, node: ast.expr) -> bool:
        """True where an expression may be an array."""
        match node:
            case ast.Constant() | ast.JoinedStr() | ast.Lambda() | ast.Dict() | ast.Set():
                return False
            case ast.Name(id=name):
                return name in self._names and name not in self._numbers
            case ast.Attribute(attr=name, value=base):
                return name in self._attributes or (
                    name not in ("shape", "ndim") and self.may_be(base)
                )
            case ast.Call():
                return self._call(node)
            case ast.Subscript(value=base):
                shape = isinstance(base, ast.Attribute) and base.attr == "shape"
                return not shape and self.may_be(base)
            case ast.ListComp(elt=inner) | ast.GeneratorExp(elt=inner):
                return self.may_be(inner)
            case ast.Starred(value=inner) | ast.NamedExpr(value=inner):
                return self.may_be(inner)
            case ast.IfExp(body=one, orelse=other):
                return self.may_be(one) or self.may_be(other)
        parts = (child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr))
        return not is_scalar(node, self._numbers) and any(map(self.may_be, parts))

    def _call(self, node: ast.Call) -> bool:
        function = node.func
        if isinstance(function, ast.Name):
            if function.id.startswith("__shapecheck_"):
                return bool(node.args) and self.may_be(node.args[-1])
            if function.id in _NO_ARRAYS:
                return False
            if function.id in self._defined:
                return function.id in self._functions
            return self._given(node)
        if not isinstance(function, ast.Attribute):
            return self._given(node)
        name, root = function.attr, _root(function)
        if root in self._modules or name in _OF_ARRAYS:
            return True
        if name in TENSORS_OF or name in _NUMBERS or root in _LIBRARIES:
            return False
        return name in self._functions or self.may_be(function.value) or self._given(node)

    def _given(self, node: ast.Call) -> bool:
        values = [*node.args, *(k.value for k in node.keywords)]
        return any(map(self.may_be, values))

    # -- how names come to be among them --------------------------------------------------------

    def _used(self, nodes: list[ast.AST]) -> None:
        """Variables that methods of arrays are called on, or that numpy is given."""
        for node in nodes:
            match node:
                case ast.Attribute(attr=name, value=base) if name in _OF_ARRAYS | _READ:
                    self._add(base)
                case ast.Call(func=ast.Attribute() as function, args=args) if (
                    function.attr in TENSORS_OF or _root(function) in self._modules
                ):
                    for given in args:
                        self._add(given)

    def _flows(self, node: ast.AST) -> None:
        match node:
            case ast.Assign(targets=targets, value=value) if self.may_be(value):
                for target in targets:
                    self._add(target)
            case ast.AnnAssign(target=target, value=ast.expr() as value) if self.may_be(value):
                self._add(target)
            case ast.AugAssign(target=target, value=value) if self.may_be(value):
                self._add(target)
            case ast.NamedExpr(target=target, value=value) if self.may_be(value):
                self._add(target)
            case ast.For(target=target, iter=steps) | ast.comprehension(target=target, iter=steps):
                if self.may_be(steps):
                    self._add(target)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                if any(self.may_be(value) for value in _returned(node)):
                    self._functions.add(name)
            case ast.Call():
                self._passed(node)

    def _passed(self, node: ast.Call) -> None:
        """What is passed, and what is appended to a list."""
        function = node.func
        name = function.attr if isinstance(function, ast.Attribute) else ""
        name = function.id if isinstance(function, ast.Name) else name
        if name in ("append", "insert", "extend") and isinstance(function, ast.Attribute):
            if self._given(node):
                self._add(function.value)
            return
        defined = self._defined.get(name)
        if defined is None:
            return
        names = [a.arg for a in defined.args.args]
        names = names[1:] if names[:1] in (["self"], ["cls"]) else names
        for parameter, given in zip(names, node.args, strict=False):
            if self.may_be(given):
                self._names.add(parameter)
        self._names.update(k.arg for k in node.keywords if k.arg and self.may_be(k.value))

    def _add(self, node: ast.expr) -> None:
        match node:
            case ast.Name(id=name):
                self._names.add(name)
            case ast.Attribute(attr=name, value=base):
                (self._add(base) if name == "T" else self._attributes.add(name))
            case ast.BinOp(left=left, right=right):
                self._add(left)
                self._add(right)
            case ast.Compare(left=left, comparators=others):
                for one in (left, *others):
                    self._add(one)
            case ast.UnaryOp(operand=inner) | ast.Subscript(value=inner) | ast.Starred(value=inner):
                self._add(inner)
            case ast.Tuple(elts=elts) | ast.List(elts=elts):
                for element in elts:
                    self._add(element)

    def _size(self) -> int:
        return len(self._names) + len(self._attributes) + len(self._functions)


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _returned(function: ast.AST) -> Iterator[ast.expr]:
    for node in ast.walk(function):
        if isinstance(node, (ast.Return, ast.Yield)) and node.value is not None:
            yield node.value
