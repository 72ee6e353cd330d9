"""Lay a shape along a spec under the bindings so far: Match or Mismatch.

jaxtyping judges; this module explains. Unlike the judge it does not stop at the first
disagreement: it reports every axis that differs. A property test holds the two verdicts together.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import cast

from shapecheck.core.axis import Axis, AxisKind
from shapecheck.core.spec import Spec

Size = int | tuple[int, ...]
# By name: `batch` for one axis; for any number of axes `*batch`, or `*#batch` where only
# broadcastable elements have bound it so far, so that it may still grow.
Bindings = Mapping[str, Size]


@dataclass(frozen=True)
class AxisMismatch:
    """One axis that differs. `expected` is None where the expression could not be evaluated.

    For a variadic element `position` is its first axis and both sizes are tuples. An expression
    may stand for a number that is no size (`dim/2` of 5).
    """

    position: int
    axis: Axis
    expected: Size | float | None
    actual: Size


@dataclass(frozen=True)
class Match:
    """The shape satisfies the spec; `bindings` are the earlier ones and those it added."""

    bindings: dict[str, Size]


@dataclass(frozen=True)
class Mismatch:
    """The shape does not satisfy the spec: another rank, or the axes in `wrong`."""

    shape: tuple[int, ...]
    spec: Spec
    wrong: tuple[AxisMismatch, ...] = ()

    @property
    def rank_differs(self) -> bool:
        """True where the shape has a number of axes that the spec cannot take."""
        return not self.spec.accepts_rank(len(self.shape))


def match(
    shape: tuple[int, ...],
    spec: Spec,
    bindings: Bindings | None = None,
    values: Mapping[str, str] | None = None,
) -> Match | Mismatch:
    """Compare a shape with a spec.

    `bindings` are the names bound so far in the call. `values` give symbolic axes that hold
    `{…}` their formatted text (`{self.hidden}-1` → `20-1`). An expression that cannot be
    evaluated here accepts any size: the judge has the last word on it.
    """
    if not spec.accepts_rank(len(shape)):
        return Mismatch(shape, spec)
    attempt = _Attempt(dict(bindings or {}), dict(values or {}))
    at = spec.variadic_at
    if at is None:
        attempt.axes(0, spec.axes, shape)
    else:
        end = len(shape) - (len(spec.axes) - at - 1)
        attempt.axes(0, spec.axes[:at], shape[:at])
        attempt.axes(end, spec.axes[at + 1 :], shape[end:])
        attempt.variadic(at, spec.axes[at], shape[at:end])
    if attempt.wrong:
        return Mismatch(shape, spec, tuple(sorted(attempt.wrong, key=lambda w: w.position)))
    return Match(attempt.bindings)


@dataclass
class _Attempt:
    bindings: dict[str, Size]
    values: dict[str, str]
    wrong: list[AxisMismatch] = field(default_factory=list)

    def axes(self, start: int, axes: tuple[Axis, ...], sizes: tuple[int, ...]) -> None:
        for offset, (axis, size) in enumerate(zip(axes, sizes, strict=True)):
            self._axis(start + offset, axis, size)

    def _axis(self, position: int, axis: Axis, size: int) -> None:
        if axis.kind is AxisKind.ANONYMOUS or (axis.broadcastable and size == 1):
            return
        expected: Size | float | None
        if axis.kind is AxisKind.FIXED:
            expected = axis.size
        elif axis.kind is AxisKind.SYMBOLIC:
            text = self.values.get(axis.expression, axis.expression)
            expected = _number(text, self.bindings)
            if expected is None:
                return
        else:
            expected = self.bindings.setdefault(axis.name, size)
        if expected != size:
            self.wrong.append(AxisMismatch(position, axis, expected, size))

    def variadic(self, position: int, axis: Axis, sizes: tuple[int, ...]) -> None:
        if axis.kind is AxisKind.ELLIPSIS:
            return
        exact, growing = f"*{axis.name}", f"*#{axis.name}"
        grows = growing in self.bindings
        bound = self.bindings.get(growing if grows else exact)
        if not isinstance(bound, tuple):
            self.bindings[growing if axis.broadcastable else exact] = sizes
            return
        both = _broadcast(sizes, bound)
        if grows:
            fits = both is not None and (axis.broadcastable or both == sizes)
        else:
            fits = both == bound if axis.broadcastable else sizes == bound
        if not fits or both is None:
            self.wrong.append(AxisMismatch(position, axis, bound, sizes))
        elif grows:
            del self.bindings[growing]
            self.bindings[growing if axis.broadcastable else exact] = both


def bound_size(axis: Axis, bindings: Bindings) -> Size | None:
    """What the name of an axis is bound to, if it binds one and is."""
    if axis.kind is AxisKind.NAMED:
        return bindings.get(axis.name)
    if axis.kind is AxisKind.VARIADIC:
        return bindings.get(f"*{axis.name}", bindings.get(f"*#{axis.name}"))
    return None


def _broadcast(one: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, ...] | None:
    """The shape that two shapes broadcast to, or None where they do not."""
    pairs = list(zip_longest(reversed(one), reversed(other), fillvalue=1))
    if any(a != b and 1 not in (a, b) for a, b in pairs):
        return None
    return tuple(b if a == 1 else a for a, b in reversed(pairs))


Number = int | float

_OPERATORS: dict[type[ast.operator], Callable[[Number, Number], Number]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_FUNCTIONS: dict[str, Callable[..., Number]] = {
    "min": min,
    "max": max,
    "abs": abs,
    "int": int,
    "round": round,
}


def evaluate(expression: str, bindings: Bindings) -> int | None:
    """The size that an arithmetic expression over bound names stands for, or None.

    Knows numbers, bound names, `+ - * / // %`, unary minus, `min`, `max`, `abs`, `int`, `round`;
    runs no code.
    """
    number = _number(expression, bindings)
    return number if isinstance(number, int) else None


def _number(expression: str, bindings: Bindings) -> Number | None:
    """As `evaluate`, for an expression that may also come out as no whole number."""
    try:
        number = _value(ast.parse(expression.strip(), mode="eval").body, bindings)
        return int(number) if number % 1 == 0 else number
    except (SyntaxError, ValueError, KeyError, ArithmeticError, TypeError, RecursionError):
        return None


def _value(node: ast.expr, bindings: Bindings) -> Number:
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return cast(Number, node.value)
    if isinstance(node, ast.Name):
        size = bindings[node.id]
        if isinstance(size, int):
            return size
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_value(node.operand, bindings)
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        left, right = _value(node.left, bindings), _value(node.right, bindings)
        return _OPERATORS[type(node.op)](left, right)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
        return _FUNCTIONS[node.func.id](*(_value(arg, bindings) for arg in node.args))
    raise ValueError(f"not an arithmetic expression: {ast.dump(node)}")
