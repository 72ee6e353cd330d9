"""The operands of an operation that torch refused: as written, with what is known of their axes."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from shapecheck.core.evidence import Crash, Observation, Value
from shapecheck.core.facts import AxisView, Operand
from shapecheck.rules._origins import origin

Shape = tuple[int, ...]
_MOST_SHOWN = 4
_NAMESPACES = ("torch", "F", "nn", "functional")


@dataclass(frozen=True)
class Given:
    """One operand: its expression, shape, and what tracking knows of it (None without)."""

    text: str
    shape: Shape
    value: Value
    operand: Operand | None = None

    def __str__(self) -> str:
        return str(self.value)

    def came(self, position: int, crash: Crash) -> str:
        """Where an axis came from: `made by conv2d (line 14)`; empty where it is not known."""
        if self.operand is None or position >= len(self.operand.axes):
            return ""
        return origin(crash, self.operand.axes[position], self.operand)


def expression(crash: Crash) -> ast.expr | None:
    """The failing expression's tree."""
    try:
        return ast.parse(crash.expression, mode="eval").body
    except (SyntaxError, ValueError):
        return None


def operands(crash: Crash) -> list[Given]:
    """The tensors that the operation was given, in order; those that its line names otherwise."""
    if crash.operands:
        texts = [one.text or _called(crash, i) for i, one in enumerate(crash.operands)]
        pairs = zip(texts, crash.operands, strict=True)
        return [_followed(crash, text, one) for text, one in pairs][:_MOST_SHOWN]
    node = expression(crash)
    texts = list(_texts(node)) if node is not None else []
    seen = crash.raised.operands if crash.raised is not None else ()
    if seen and len(seen) == len(texts):
        return [_followed(crash, text, one) for text, one in zip(texts, seen, strict=True)]
    by_text = {value.text: value for value in crash.values}
    if texts and all(text in by_text for text in texts):
        return [_named(by_text[text]) for text in texts if _has_shape(by_text[text])]
    return [_named(value) for value in crash.values if _has_shape(value)]


def _called(crash: Crash, position: int) -> str:
    """What to call an operand that the line has no expression for."""
    name = crash.names[position]
    if crash.built_as:
        return f"the {name} of {crash.built_as}"
    return name if name.isidentifier() else f"tensor {position}"


def _has_shape(value: Value) -> bool:
    return value.observation.shape is not None


def _named(value: Value) -> Given:
    return Given(value.text, value.observation.shape or (), value)


def _followed(crash: Crash, text: str, one: Operand) -> Given:
    declared = {value.text: value.axes for value in crash.values if value.axes}
    names = declared.get(text) or tuple(_name(axis) for axis in one.axes)
    known = names if any(names) and len(names) == len(one.shape) else ()
    seen = Observation("Tensor", one.shape, one.dtype)
    return Given(text, one.shape, Value(text, seen, known), one)


def _name(axis: AxisView) -> str:
    telling = [name for name in axis.names if len(name) > 1]
    if axis.parts or not (telling or axis.role):
        return ""
    return telling[0] if telling else (axis.role.value if axis.role else "")


def _texts(node: ast.expr) -> Iterator[str]:
    """The expressions that may hold a tensor: operands, the receiver, arguments, items of lists."""
    if isinstance(node, ast.BinOp):
        parts: list[ast.expr] = [node.left, node.right]
    elif isinstance(node, ast.Compare):
        parts = [node.left, *node.comparators]
    elif isinstance(node, ast.Subscript):
        parts = [node.value]
    elif isinstance(node, ast.Call):
        parts = [*_receiver(node.func), *node.args, *(k.value for k in node.keywords)]
    else:
        parts = []
    for part in parts:
        if isinstance(part, (ast.List, ast.Tuple)):
            yield from (ast.unparse(item) for item in part.elts if _may_hold(item))
        elif _may_hold(part):
            yield ast.unparse(part)


def _receiver(function: ast.expr) -> list[ast.expr]:
    if not isinstance(function, ast.Attribute):
        return []
    base = function.value
    return [] if isinstance(base, ast.Name) and base.id in _NAMESPACES else [base]


def _may_hold(node: ast.expr) -> bool:
    return not isinstance(node, (ast.Constant, ast.UnaryOp, ast.Slice))
