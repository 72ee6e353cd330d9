"""What a file says about its size variables: aliases, and comments that explain names."""

from __future__ import annotations

import ast
from functools import lru_cache

from shapecheck.core.site import Place
from shapecheck.runtime.flow.reading import Source, legend

Explained = tuple[str, Place]  # the words of a comment, and where they stand


class Definitions:
    """Assignments of one file by (function line or 0, name)."""

    def __init__(self, source: Source, filename: str) -> None:
        self.words: dict[tuple[int, str], Explained] = {}
        self.aliases: dict[tuple[int, str], ast.expr] = {}
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
                self._alias((scope, name), value)

    def _alias(self, key: tuple[int, str], value: ast.expr | None) -> None:
        if key in self._assigned:  # assigned more than once: says nothing
            self.aliases.pop(key, None)
        elif isinstance(value, (ast.Name, ast.Attribute)):
            self.aliases[key] = value
        self._assigned.add(key)


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


@lru_cache(maxsize=256)
def _definitions(source: Source, filename: str) -> Definitions:
    return Definitions(source, filename)


def definitions_of(source: Source, filename: str) -> Definitions:
    """The definitions of a file, read once."""
    return _definitions(source, filename)
