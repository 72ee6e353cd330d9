"""torch refused the shapes of an operation's operands."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import zip_longest

from shapecheck.core.evidence import Crash, Value
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.plain import to_plain
from shapecheck.core.rule import Rule
from shapecheck.rules._crash import first_refused, torch_says

Shape = tuple[int, ...]
_PRODUCTS = {"matmul", "mm", "bmm"}
_ELEMENTWISE = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.FloorDiv, ast.Mod)
_ELEMENTWISE_CALLS = {"add", "sub", "mul", "div", "where", "eq", "mse_loss", "l1_loss"}


def check(crash: Crash) -> Iterator[Finding]:
    """Fires on every torch error about shapes that no layer's contract explains."""
    if crash.layer and first_refused(crash.inputs) is not None:
        return
    kind = _kind(crash.expression)
    operands = [v for v in crash.values if v.observation.shape is not None]
    expected, remedy = "", ""
    if len(operands) == 2 and kind == "product":
        expected, remedy = _product(*operands)
    elif len(operands) == 2 and kind == "elementwise":
        expected, remedy = _elementwise(*operands)
    yield Finding(
        RULE.slug,
        RULE.severity,
        crash.place,
        message=f"torch refused the shapes in `{crash.expression or crash.function}`",
        expected=expected,
        actual=", ".join(map(str, operands)),
        cause=crash.said,
        remedy=remedy,
        evidence={"crash": to_plain(crash)},
        notes=torch_says(crash)[:1] if not operands else (),
    )


def _kind(expression: str) -> str:
    """What sort of operation an expression is, by its outermost part."""
    try:
        node = ast.parse(expression, mode="eval").body
    except SyntaxError:
        return ""
    if isinstance(node, ast.BinOp):
        if isinstance(node.op, ast.MatMult):
            return "product"
        return "elementwise" if isinstance(node.op, _ELEMENTWISE) else ""
    if isinstance(node, ast.Compare):
        return "elementwise"
    if isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        return {**dict.fromkeys(_PRODUCTS, "product")}.get(
            name, "elementwise" if name in _ELEMENTWISE_CALLS else ""
        )
    return ""


def _product(left: Value, right: Value) -> tuple[str, str]:
    """What a matrix product needs, and a transpose that gives it."""
    a, b = left.observation.shape or (), right.observation.shape or ()
    if len(a) < 2 or len(b) < 2:
        return "", ""
    expected = f"the last axis of {left.text} equal to axis {len(b) - 2} of {right.text}"
    options = []
    if _multiplies(a, _turned(b)):
        options.append(f"{right.text}.transpose(-2, -1) gives {_turned(b)}")
    if _multiplies(_turned(a), b):
        options.append(f"{left.text}.transpose(-2, -1) gives {_turned(a)}")
    return expected, ", or ".join(options)


def _turned(shape: Shape) -> Shape:
    return (*shape[:-2], shape[-1], shape[-2])


def _multiplies(a: Shape, b: Shape) -> bool:
    return a[-1] == b[-2] and _broadcasts(a[:-2], b[:-2])


def _broadcasts(a: Shape, b: Shape) -> bool:
    pairs = zip_longest(reversed(a), reversed(b), fillvalue=1)
    return all(x == y or 1 in (x, y) for x, y in pairs)


def _elementwise(left: Value, right: Value) -> tuple[str, str]:
    """What broadcasting needs, and an added axis or a transpose that gives it without growing."""
    a, b = left.observation.shape or (), right.observation.shape or ()
    expected = "sizes that are equal, or 1, counted from the last axis"
    small, large = (left, right) if len(a) < len(b) else (right, left)
    s, t = small.observation.shape or (), large.observation.shape or ()
    options = []
    for dim in range(len(s) + 1) if len(s) < len(t) else ():
        grown = (*s[:dim], 1, *s[dim:])
        if _broadcasts(grown, t) and len(grown) == len(t):
            options.append(f"{small.text}.unsqueeze({dim}) gives {grown}")
    if len(a) == len(b) == 2 and _turned(b) == a:
        options.append(f"{right.text}.transpose(0, 1) gives {a}")
    return expected, ", or ".join(options)


RULE = Rule(
    "operand-shapes",
    Severity.ERROR,
    "torch refused the shapes of an operation's operands.",
    Crash,
    check,
)
