"""Arguments read off the user's line: names, attributes and numbers; nothing is called."""

from __future__ import annotations

import ast
import operator
from types import BuiltinFunctionType, FrameType, ModuleType
from typing import Any

import torch
from torch import Tensor

from shapecheck.runtime.crashing.standins import Path

_NAMESPACES = ("torch", "F", "nn", "functional", "nn.functional", "torch.nn.functional")
_COMPUTE = (
    "torch.functional",
    "torch.nn.functional",
    "torch.nn.utils.rnn",
    "torch._tensor",
    "torch._jit_internal",  # what makes F.max_pool2d of two functions
)
_OPERATORS: dict[type[ast.AST], Any] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Div: operator.truediv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.MatMult: operator.matmul,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
}
_COMPARISONS: dict[type[ast.AST], Any] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


class Unread(Exception):
    """An expression that says nothing without being run."""


def call_of(node: ast.expr | None) -> ast.Call | None:
    """The expression, if it is a call."""
    return node if isinstance(node, ast.Call) else None


def read(node: ast.AST | None, frame: FrameType) -> Any:
    """What an expression holds, as far as it can be seen without calling anything.

    Raises Unread where it cannot.
    """
    match node:
        case ast.Constant():
            return node.value
        case ast.Name():
            return _named(node.id, frame)
        case ast.Attribute():
            return _attribute(read(node.value, frame), node.attr)
        case ast.Tuple() | ast.List():
            kind = tuple if isinstance(node, ast.Tuple) else list
            return kind(read(item, frame) for item in node.elts)
        case ast.UnaryOp() | ast.BinOp():
            return _number(node, frame)
        case ast.Slice():
            parts = (node.lower, node.upper, node.step)
            return slice(*(None if part is None else read(part, frame) for part in parts))
        case ast.Call() | ast.Subscript():
            return _size(node, frame)
    raise Unread


def _named(name: str, frame: FrameType) -> Any:
    for names in (frame.f_locals, frame.f_globals):
        if name in names:
            return names[name]
    raise Unread


def _number(node: ast.UnaryOp | ast.BinOp, frame: FrameType) -> int | float:
    """Arithmetic on whole numbers: `16 * 5 * 5`, `-1`."""
    if isinstance(node, ast.UnaryOp):
        value = read(node.operand, frame)
        if isinstance(node.op, ast.USub) and isinstance(value, (int, float)):
            return -value
        raise Unread
    left, right = read(node.left, frame), read(node.right, frame)
    act = _OPERATORS.get(type(node.op))
    if act is None or type(left) is not int or type(right) is not int or right == 0:
        raise Unread
    number: int | float = act(left, right)
    return number


def _attribute(owner: Any, name: str) -> Any:
    if isinstance(owner, Tensor):
        if name == "shape":
            return tuple(owner.shape)
        raise Unread
    held = owner.__dict__ if hasattr(type(owner), "__dict__") and hasattr(owner, "__dict__") else {}
    for names in (held, *(held.get(n) for n in ("_parameters", "_buffers", "_modules"))):
        if isinstance(names, dict) and name in names:
            return names[name]
    raise Unread


def _size(node: ast.Call | ast.Subscript, frame: FrameType) -> Any:
    """`x.size(0)`, `x.shape[0]`, `h[0]` of a tuple."""
    if isinstance(node, ast.Subscript):
        held, key = read(node.value, frame), read(node.slice, frame)
        if type(held) in (tuple, list) and type(key) in (int, slice):
            return held[key]
        raise Unread
    function = node.func
    if isinstance(function, ast.Attribute) and function.attr == "size" and not node.keywords:
        owner = read(function.value, frame)
        numbers = [read(one, frame) for one in node.args]
        if isinstance(owner, Tensor) and all(type(n) is int for n in numbers):
            return owner.shape[numbers[0]] if numbers else tuple(owner.shape)
    raise Unread


def operation_on(
    node: ast.expr, frame: FrameType
) -> tuple[str, Any, tuple[Any, ...], dict[Path, str], dict[str, Any]]:
    """(name, function, args, texts of the tensors, kwargs) of an operation of torch's.

    Raises Unread where the expression is something else, or cannot be read.
    """
    parts: list[ast.expr]
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        function, parts = _OPERATORS[type(node.op)], [node.left, node.right]
    elif isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in _COMPARISONS:
        function, parts = _COMPARISONS[type(node.ops[0])], [node.left, node.comparators[0]]
    elif isinstance(node, ast.Subscript):
        function, parts = operator.getitem, [node.value, node.slice]
    elif isinstance(node, ast.Call) and not any(isinstance(a, ast.Starred) for a in node.args):
        return _call(node, frame)
    else:
        raise Unread
    args = tuple(read(part, frame) for part in parts)
    if not any(isinstance(one, Tensor) for one in args):
        raise Unread
    return function.__name__, function, args, _texts(parts), {}


def _call(
    node: ast.Call, frame: FrameType
) -> tuple[str, Any, tuple[Any, ...], dict[Path, str], dict[str, Any]]:
    function = node.func
    parts = list(node.args)
    if isinstance(function, ast.Attribute):
        owner = read(function.value, frame)
        name = function.attr
        if isinstance(owner, ModuleType):
            called = vars(owner).get(name)
        elif type(owner) in (Tensor, torch.nn.Parameter):
            called, parts = getattr(Tensor, name, None), [function.value, *parts]
        else:
            raise Unread
    else:
        called = read(function, frame)
        name = getattr(called, "__name__", "")
    if not callable(called) or not _torchs(called):
        raise Unread
    args = tuple(read(part, frame) for part in parts)
    kwargs = {k.arg: read(k.value, frame) for k in node.keywords if k.arg is not None}
    texts = _texts(parts)
    texts |= {("kwargs", k.arg): ast.unparse(k.value) for k in node.keywords if k.arg}
    return name, called, args, texts, kwargs


def _torchs(function: Any) -> bool:
    """True for a function that computes: none that reads or writes a file."""
    if getattr(function, "__objclass__", None) in (Tensor, torch._C.TensorBase):
        return True
    owner = getattr(function, "__self__", None)
    if isinstance(owner, ModuleType):
        return owner.__name__.startswith("torch._C")
    if owner is not None:
        return getattr(owner, "__module__", "").startswith("torch._C")
    module = getattr(function, "__module__", None) or ""
    return module in _COMPUTE or (module == "torch" and isinstance(function, BuiltinFunctionType))


def _texts(parts: list[ast.expr]) -> dict[Path, str]:
    found: dict[Path, str] = {}
    for i, part in enumerate(parts):
        found[("args", i)] = ast.unparse(part)
        if isinstance(part, (ast.Tuple, ast.List)):
            found |= {("args", i, j): ast.unparse(item) for j, item in enumerate(part.elts)}
    return found


def text_at(node: ast.expr | None, path: Path, names: list[str], method: str = "") -> str:
    """The expression of one argument of a call as written; empty where it does not stand there."""
    if isinstance(node, (ast.BinOp, ast.Compare)):
        pair = (
            (node.left, node.right)
            if isinstance(node, ast.BinOp)
            else (node.left, node.comparators[0])
        )
        return _inner(pair[path[1]], path[2:]) if path[0] == "args" and path[1] < 2 else ""
    if isinstance(node, ast.Subscript):
        return ast.unparse(node.value) if path == ("args", 0) else ""
    if not isinstance(node, ast.Call) or any(isinstance(a, ast.Starred) for a in node.args):
        return ""
    kind, key, *inner = path
    given = list(node.args)
    owner = node.func.value if method and isinstance(node.func, ast.Attribute) else None
    if owner is not None and ast.unparse(owner) not in _NAMESPACES:
        given.insert(0, owner)
    part: ast.expr | None = None
    if kind == "args" and key < len(given):
        part = given[key]
    elif kind == "kwargs":
        part = next((k.value for k in node.keywords if k.arg == key), None)
        if part is None and key in names and names.index(key) < len(given):
            part = given[names.index(key)]
    return _inner(part, inner) if part is not None else ""


def _inner(part: ast.expr, inner: Any) -> str:
    for i in inner:
        if isinstance(part, (ast.Tuple, ast.List)) and isinstance(i, int) and i < len(part.elts):
            part = part.elts[i]
        else:
            return f"{ast.unparse(part)}[{i}]"
    return ast.unparse(part)
