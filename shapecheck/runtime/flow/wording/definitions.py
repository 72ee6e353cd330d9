"""What a file says about its size variables: aliases, and comments that explain names."""

from __future__ import annotations

import ast
from functools import lru_cache

from shapecheck.core.site import Place
from shapecheck.runtime.flow.wording.expressions import counted
from shapecheck.runtime.flow.wording.reading import Source, legend

Explained = tuple[str, Place]  # the words of a comment, and where they stand


class Definitions:
    """Assignments of one file by (function line or 0, name)."""

    def __init__(self, source: Source, filename: str) -> None:
        self.words: dict[tuple[int, str], Explained] = {}
        self.aliases: dict[tuple[int, str], ast.expr] = {}
        self.roots: dict[tuple[int, str], ast.expr] = {}  # `q.size(-1) ** -0.5`, `sqrt(d)`
        self.arrays: dict[tuple[int, str], tuple[ast.expr, ...]] = {}
        self._filename = filename
        self._source = source
        self._assigned: set[tuple[int, str]] = set()
        self._walk(source.tree, 0)

    def _walk(self, node: ast.AST, scope: int) -> None:
        for child in ast.iter_child_nodes(node):
            inner = scope
            if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
                inner = child.lineno
            elif isinstance(child, ast.Assign):
                self._assign(child, scope)
            self._walk(child, inner)

    def _assign(self, node: ast.Assign, scope: int) -> None:
        for target in node.targets:
            names = names_of(target)
            words = legend(self._source.comment(node.end_lineno or node.lineno), len(names))
            for name, word in zip(names, words, strict=False):
                if name:
                    place = Place(self._filename, node.lineno)
                    self.words.setdefault((scope, name), (word, place))
            values = value_parts(node.value, len(names))
            for name, value in zip(names, values, strict=False):
                self._array((scope, name), value)
                self._alias((scope, name), value)

    def _alias(self, key: tuple[int, str], value: ast.expr | None) -> None:
        if key in self._assigned:  # assigned more than once: says nothing
            self.aliases.pop(key, None)
            self.roots.pop(key, None)
        elif isinstance(value, (ast.Name, ast.Attribute)) or (value and counted(value)):
            self.aliases[key] = value
        elif isinstance(value, (ast.BinOp, ast.Call)):
            self.roots[key] = value
        self._assigned.add(key)

    def _array(self, key: tuple[int, str], value: ast.expr | None) -> None:
        if key in self._assigned:
            self.arrays.pop(key, None)
        elif value is not None and (sizes := self.behind(value, key[0])):
            self.arrays[key] = sizes

    def behind(self, value: ast.expr, scope: int) -> tuple[ast.expr, ...]:
        """The sizes that the array behind an expression was made with, as they are written.

        Looks through conversions: `torch.from_numpy(x).float()` has the sizes of `x`.
        """
        inner = unconverted(value)
        if isinstance(inner, ast.Name):
            return self.arrays.get((scope, inner.id)) or self.arrays.get((0, inner.id), ())
        return array_sizes(inner)


def names_of(target: ast.expr) -> tuple[str, ...]:
    """The names of an assignment's target, "" for those that are not plain names."""
    if isinstance(target, (ast.Tuple, ast.List)):
        return tuple(_name(element) for element in target.elts)
    return (_name(target),)


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return ast.unparse(node)
    return ""


def value_parts(value: ast.expr, count: int) -> tuple[ast.expr | None, ...]:
    """The expression that each of `count` targets receives, None where it is not written out."""
    if count == 1:
        return (value,)
    if isinstance(value, (ast.Tuple, ast.List)) and len(value.elts) == count:
        return tuple(value.elts)
    return (None,) * count


_BY_SIZES = frozenset(("rand", "randn"))
_BY_SHAPE = frozenset(("zeros", "ones", "empty", "full", "random", "random_sample", "sample"))
_BY_KEYWORD = frozenset(("normal", "uniform", "randint", "integers", "choice", "standard_normal"))


def array_sizes(value: ast.expr) -> tuple[ast.expr, ...]:
    """The sizes that a numpy array is made with, as written: `np.random.randn(n, T).astype(…)`.

    () for anything else.
    """
    if not isinstance(value, ast.Call) or not isinstance(value.func, ast.Attribute):
        return ()
    return _sizes_of(value, value.func.attr)


_CONVERSIONS = frozenset(
    ("from_numpy", "FloatTensor", "LongTensor", "DoubleTensor", "Tensor", "tensor", "as_tensor")
)
_CASTS = frozenset(("astype", "copy", "float", "long", "double", "int", "to", "numpy", "clone"))


def unconverted(value: ast.expr) -> ast.expr:
    """An expression without the conversions around it and without arithmetic with numbers."""
    while True:
        function = value.func if isinstance(value, ast.Call) else None
        if isinstance(value, ast.BinOp) and isinstance(value.right, ast.Constant):
            value = value.left
        elif not isinstance(value, ast.Call) or not isinstance(function, ast.Attribute):
            return value
        elif function.attr in _CASTS:
            value = function.value
        elif function.attr in _CONVERSIONS and value.args:
            value = value.args[0]
        else:
            return value


def _sizes_of(call: ast.Call, name: str) -> tuple[ast.expr, ...]:
    given = next((k.value for k in call.keywords if k.arg in ("size", "shape")), None)
    if given is None and name in _BY_SIZES:
        return tuple(call.args)
    if given is None and name in _BY_SHAPE and call.args:
        given = call.args[0]
    known = name in _BY_KEYWORD or name in _BY_SHAPE or name in _BY_SIZES
    if not known or given is None:
        return ()
    return tuple(given.elts) if isinstance(given, (ast.Tuple, ast.List)) else (given,)


@lru_cache(maxsize=256)
def _definitions(source: Source, filename: str) -> Definitions:
    return Definitions(source, filename)


def definitions_of(source: Source, filename: str) -> Definitions:
    """The definitions of a file, read once."""
    return _definitions(source, filename)
