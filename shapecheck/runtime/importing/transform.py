"""The import hook's rewriting of a module: decorators and checked assignments.

Every function with an annotation gets the innermost decorator `@__shapecheck__.checked`, so that
other decorators keep wrapping what they wrapped. Annotated assignments inside functions pass
their value through `__shapecheck__.assigned`, which returns it unchanged; a loop around them
begins each pass with `__shapecheck__.again`. Line numbers stay.
"""

from __future__ import annotations

import ast
import symtable
from typing import TypeVar

from shapecheck.runtime.blame import FunctionNode, own_nodes, return_lines

GUARD = "__shapecheck__"  # the name under which the module finds its guard

_Node = TypeVar("_Node", bound=ast.AST)
_UNCHECKED = {"no_type_check", "overload"}


def transform(tree: ast.Module, local_names: dict[tuple[str, int], set[str]]) -> ast.Module:
    """Put the guard into a module's tree, in place.

    `local_names` gives, by name and line of each function, the names that are local to it or to
    a function around it (`names_by_function`).
    """
    _Transformer(local_names).visit(tree)
    return ast.fix_missing_locations(tree)


def names_by_function(source: str, filename: str) -> dict[tuple[str, int], set[str]]:
    """For each function of a module, the names that do not come from the module's globals."""
    found: dict[tuple[str, int], set[str]] = {}

    def walk(table: symtable.SymbolTable, around: set[str]) -> None:
        for child in table.get_children():
            inner = around
            if isinstance(child, symtable.Function):
                own = {s.get_name() for s in child.get_symbols() if not s.is_global()}
                inner = around | own
                found.setdefault((child.get_name(), child.get_lineno()), set()).update(inner)
            walk(child, inner)

    walk(symtable.symtable(source, filename, "exec"), set())
    return found


class _Transformer(ast.NodeTransformer):
    def __init__(self, local_names: dict[tuple[str, int], set[str]]) -> None:
        self._local_names = local_names
        self._functions: list[FunctionNode | ast.ClassDef] = []

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        if _opts_out(node):
            return node
        self._visit_inside(node)
        if node.decorator_list:
            node.decorator_list.insert(0, _at(_guard("checked_class"), node))
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return self._visit_function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        return self._visit_function(node)

    def _visit_function(self, node: FunctionNode) -> ast.AST:
        if _opts_out(node):
            return node
        declares, watches = _declares(node), _has_local_declarations(node)
        self._visit_inside(node)
        if declares or watches:
            decorator = _guard("watched" if watches else "checked")
            node.decorator_list.append(_at(decorator, node))
        return node

    def _visit_inside(self, node: FunctionNode | ast.ClassDef) -> None:
        self._functions.append(node)
        self.generic_visit(node)
        self._functions.pop()

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        self.generic_visit(node)
        inside = self._functions[-1] if self._functions else None
        if node.value is None or not isinstance(inside, FunctionNode):
            return node
        name = ast.unparse(node.target)
        text = _annotation_source(node.annotation)
        arguments: list[ast.expr] = [
            node.value,
            ast.Constant(name),
            ast.Constant(text),
            ast.Constant(node.lineno),
            ast.Constant(_first_line(inside)),
        ]
        if self._needs_locals(text, inside):
            arguments.append(_later(text, node))
        node.value = _at(ast.Call(_guard("assigned"), arguments, []), node.value)
        return node

    def visit_For(self, node: ast.For) -> ast.AST:
        return self._visit_loop(node)

    def visit_AsyncFor(self, node: ast.AsyncFor) -> ast.AST:
        return self._visit_loop(node)

    def visit_While(self, node: ast.While) -> ast.AST:
        return self._visit_loop(node)

    def _visit_loop(self, node: ast.For | ast.AsyncFor | ast.While) -> ast.AST:
        """Each pass of a loop binds anew what its body declares: the last batch may be smaller."""
        declares = _has_local_declarations(ast.Module(node.body, []))
        self.generic_visit(node)
        inside = self._functions[-1] if self._functions else None
        if declares and isinstance(inside, FunctionNode):
            first = node.body[0]
            lines = (first.lineno, node.body[-1].end_lineno or node.lineno, _first_line(inside))
            again = ast.Expr(ast.Call(_guard("again"), [ast.Constant(n) for n in lines], []))
            node.body.insert(0, _at(again, first))
        return node

    def visit_Return(self, node: ast.Return) -> ast.AST:
        self.generic_visit(node)
        inside = next((f for f in reversed(self._functions)), None)
        if node.value is None or not isinstance(inside, FunctionNode) or inside.returns is None:
            return node
        if len(return_lines(inside)) > 1:
            arguments = [
                node.value,
                ast.Constant(node.lineno),
                ast.Constant(_first_line(inside)),
            ]
            node.value = _at(ast.Call(_guard("returning"), arguments, []), node.value)
        return node

    def _needs_locals(self, text: str, inside: FunctionNode) -> bool:
        local = self._local_names.get((inside.name, inside.lineno), set())
        local |= self._local_names.get((inside.name, _first_line(inside)), set())
        try:
            names = {
                n.id for n in ast.walk(ast.parse(text, mode="eval")) if isinstance(n, ast.Name)
            }
        except SyntaxError:
            return False
        return not names.isdisjoint(local)


def _guard(attribute: str) -> ast.expr:
    return ast.Attribute(ast.Name(GUARD, ast.Load()), attribute, ast.Load())


def _later(text: str, place: ast.AST) -> ast.expr:
    """A lambda around an annotation whose names only the function itself can see."""
    later = ast.parse(f"lambda: ({text})", mode="eval").body
    for part in ast.walk(later):
        if "lineno" in part._attributes:
            ast.copy_location(part, place)
    return later


def _at(node: _Node, place: ast.expr | ast.stmt) -> _Node:
    """`node` and all it holds, at the position of `place`.

    Only a call spans all its lines, as the value that it stands for does: the interpreter counts
    the load of an attribute as its last line, and coverage would count that as run.
    """
    for part in ast.walk(node):
        if "lineno" in part._attributes and not hasattr(part, "lineno"):
            ast.copy_location(part, place)
            if not isinstance(part, ast.Call):
                vars(part).update(end_lineno=place.lineno, end_col_offset=place.col_offset)
    return node


def _annotation_source(annotation: ast.expr) -> str:
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        return annotation.value
    return ast.unparse(annotation)


def _declares(node: FunctionNode) -> bool:
    arguments = node.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    every += [a for a in (arguments.vararg, arguments.kwarg) if a is not None]
    return node.returns is not None or any(a.annotation is not None for a in every)


def _first_line(node: FunctionNode) -> int:
    """The line that the function's code begins at: that of its first decorator."""
    return min([node.lineno, *(d.lineno for d in node.decorator_list)])


def _has_local_declarations(node: ast.AST) -> bool:
    return any(isinstance(n, ast.AnnAssign) and n.value is not None for n in own_nodes(node))


def _opts_out(node: FunctionNode | ast.ClassDef) -> bool:
    """`@typing.no_type_check` says: leave this alone; `@overload` bodies never run."""
    for decorator in node.decorator_list:
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
        if name in _UNCHECKED:
            return True
    return False
