"""Expressions of the source that matter to sizes: readings, indices, names, arguments."""

from __future__ import annotations

import ast
from types import CodeType


def argument_for(call: ast.Call, code: CodeType, name: str) -> ast.expr | None:
    """The expression that a call passes for one parameter of the function it enters."""
    for keyword in call.keywords:
        if keyword.arg == name:
            return keyword.value
    names = code.co_varnames[: code.co_argcount]
    if name not in names or any(isinstance(a, ast.Starred) for a in call.args):
        return None
    bound = bool(names) and names[0] in ("self", "cls")
    index = names.index(name) - bound
    return call.args[index] if 0 <= index < len(call.args) else None


def reads_size(node: ast.AST) -> bool:
    """True for `x.shape`, `x.size(…)`, `len(x)`."""
    if isinstance(node, ast.Attribute):
        return node.attr == "shape"
    if not isinstance(node, ast.Call):
        return False
    if isinstance(node.func, ast.Attribute):
        return node.func.attr in ("size", "__len__")
    return isinstance(node.func, ast.Name) and node.func.id == "len"


def counted(node: ast.AST) -> ast.Name | None:
    """`x` of `len(x)`."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        return None
    only = node.args[0] if len(node.args) == 1 else None
    return only if node.func.id == "len" and isinstance(only, ast.Name) else None


def integer(node: ast.AST | None) -> int | None:
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return node.value
    if (
        isinstance(node, ast.UnaryOp)
        and isinstance(node.op, ast.USub)
        and isinstance(node.operand, ast.Constant)
        and type(node.operand.value) is int
    ):
        return -node.operand.value
    return None


def dotted(node: ast.AST) -> str:
    """`self.hidden_size`, `args.batch`, and `cfg["batch"]` as `cfg.batch`; "" for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        base = dotted(node.value)
        return f"{base}.{node.attr}" if base else ""
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        base = dotted(node.value)
        if base and isinstance(node.slice.value, str):
            return f"{base}.{node.slice.value}"
    return ""
