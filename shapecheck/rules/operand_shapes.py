"""torch refused the shapes of an operation's operands."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import prod

from shapecheck.core.evidence import Crash
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.plain import to_plain
from shapecheck.core.rule import Rule
from shapecheck.rules._crash import first_refused, of_dtypes, of_indices, torch_says
from shapecheck.rules._operands import Given, expression, operands
from shapecheck.rules._remedied import remedy

_PRODUCTS = {"matmul", "mm", "bmm"}
_ELEMENTWISE = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.FloorDiv, ast.Mod)
_ALIKE = {"BCELoss", "BCEWithLogitsLoss", "MSELoss", "L1Loss", "SmoothL1Loss", "HuberLoss"}
_ELEMENTWISE_CALLS = (
    {"add", "sub", "mul", "div", "where", "eq", "mse_loss", "l1_loss", "masked_fill"}
    | {"binary_cross_entropy", "binary_cross_entropy_with_logits"}
    | {f"nn.{name}" for name in _ALIKE}
)
_PICKS = {"gather", "scatter", "scatter_add"}
_JOINS = {"cat", "concat", "concatenate", "stack"}
_LAYOUTS = {"view", "reshape"}


@dataclass(frozen=True)
class _Told:
    """What is said of a refusal: what the operation needs, why it does not have it."""

    expected: str = ""
    cause: str = ""
    remedy: str = ""


def check(crash: Crash) -> Iterator[Finding]:
    """Fires on every torch error about shapes that no layer's contract explains."""
    if crash.layer and first_refused(crash.inputs) is not None:
        return
    if of_dtypes(crash) or of_indices(crash):
        return
    given = operands(crash)
    told = _told(crash, given)
    yield Finding(
        RULE.slug,
        RULE.severity,
        crash.place,
        message=_message(crash),
        expected=told.expected,
        actual=", ".join(map(str, given)),
        cause=told.cause or crash.said,
        remedy=remedy(crash) or told.remedy,
        evidence={"crash": to_plain(replace(crash, raised=None, tried=()))},
        notes=torch_says(crash)[:1] if told.cause or not given else (),
    )


def _message(crash: Crash) -> str:
    loaded = crash.operation == "stack" and not any(one.text for one in crash.operands)
    if loaded or (crash.said.startswith("stack expects") and not crash.expression):
        return "samples of several sizes cannot be stacked into one batch"
    return f"torch refused the shapes in `{crash.expression or crash.function}`"


def _told(crash: Crash, given: list[Given]) -> _Told:
    node = expression(crash)
    kind = _kind(node, crash)
    if len(given) == 2 and kind == "product":
        return _product(given[0], given[1], crash)
    if len(given) == 2 and kind == "elementwise":
        return _elementwise(given[0], given[1], crash)
    if len(given) >= 2 and kind == "join":
        return _joined(given, node)
    if given and kind == "layout":
        return _laid_out(given[0], crash)
    if given and isinstance(node, ast.Subscript) and given[0].shape == ():
        return _Told("a tensor with axes", remedy=f"{_whole(given[0])}.item()")
    return _Told(cause=_ranks(given) if kind == "pick" else "")


def _whole(one: Given) -> str:
    return one.text.removesuffix(".data")


def _kind(node: ast.expr | None, crash: Crash) -> str:
    """What sort of operation failed: by its name, else by the outermost part of the expression."""
    kinds = {
        **dict.fromkeys(_PRODUCTS, "product"),
        **dict.fromkeys(_ELEMENTWISE_CALLS, "elementwise"),
        **dict.fromkeys(_JOINS, "join"),
        **dict.fromkeys(_LAYOUTS, "layout"),
        **dict.fromkeys(_PICKS, "pick"),
    }
    named = crash.operation.strip("_")
    if named in kinds:
        return kinds[named]
    if isinstance(node, ast.BinOp):
        if isinstance(node.op, ast.MatMult):
            return "product"
        return "elementwise" if isinstance(node.op, _ELEMENTWISE) else ""
    if isinstance(node, ast.Compare):
        return "elementwise"
    if not isinstance(node, ast.Call):
        return ""
    function = node.func
    name = function.attr if isinstance(function, ast.Attribute) else ""
    name = function.id if isinstance(function, ast.Name) else name
    return kinds.get(name, "")


# -- products -----------------------------------------------------------------------------


def _product(left: Given, right: Given, crash: Crash) -> _Told:
    """What a matrix product needs."""
    a, b = left.shape, right.shape
    if len(a) < 2 or len(b) < 2:
        return _Told(cause=_ranks([left, right]))
    at = len(b) - 2
    expected = f"the last axis of {left.text} equal to axis {at} of {right.text}"
    cause = ""
    if a[-1] != b[-2]:
        cause = _clash(left, len(a) - 1, right, at, crash)
    return _Told(expected, cause or _ranks([left, right]))


# -- elementwise --------------------------------------------------------------------------


def _elementwise(left: Given, right: Given, crash: Crash) -> _Told:
    """What broadcasting needs, or a loss that compares number by number."""
    a, b = left.shape, right.shape
    expected = "sizes that are equal, or 1, counted from the last axis"
    if crash.operation.removeprefix("nn.") in _ALIKE:
        expected = "two tensors of one shape"
    pairs = [(len(a) - k, len(b) - k) for k in range(1, min(len(a), len(b)) + 1)]
    apart = [(i, j) for i, j in pairs if a[i] != b[j] and 1 not in (a[i], b[j])]
    cause = _clash(left, apart[0][0], right, apart[0][1], crash) if apart else ""
    return _Told(expected, cause or _ranks([left, right]))


def _ranks(given: list[Given]) -> str:
    """Two operands with another number of axes."""
    many = [f"{one.text} has {len(one.shape)} {_axes(len(one.shape))}" for one in given[:2]]
    alike = len({len(one.shape) for one in given[:2]}) < 2
    return "" if alike else ", ".join(many)


def _axes(count: int) -> str:
    return "axis" if count == 1 else "axes"


def _clash(left: Given, i: int, right: Given, j: int, crash: Crash) -> str:
    """Two axes that were to be of one size, and where each came from."""

    def said(one: Given, at: int) -> str:
        came = one.came(at, crash)
        return f"axis {at} of {one.text} has size {one.shape[at]}" + (f", {came}" if came else "")

    return f"{said(left, i)}; {said(right, j)}"


# -- joining ------------------------------------------------------------------------------


def _joined(given: list[Given], node: ast.expr | None) -> _Told:
    """Joined tensors are alike but along the axis they are joined at."""
    call = node if isinstance(node, ast.Call) else None
    function = call.func if call is not None else None
    name = function.attr if isinstance(function, ast.Attribute) else "stack"
    dim = None
    if call is not None:
        dim = _number(next((k.value for k in call.keywords if k.arg in ("dim", "axis")), None))
        if dim is None and len(call.args) > 1:
            dim = _number(call.args[1])
    rank = len(given[0].shape)
    at = (0 if dim is None else dim) % max(rank, 1)
    if name == "stack":
        at = rank  # all axes alike
    expected = "tensors of one shape" if name == "stack" else f"tensors alike but along axis {at}"
    return _Told(expected, _exchanged(given, at))


def _exchanged(given: list[Given], at: int) -> str:
    """Axes that stand the other way round in one of two tensors, or the first that differ."""
    first = given[0]
    for one in given[1:]:
        if len(one.shape) != len(first.shape):
            many = f"{first.text} has {len(first.shape)} axes"
            return f"{many}, {one.text} has {len(one.shape)}"
        apart = [i for i, (a, b) in enumerate(zip(first.shape, one.shape, strict=True)) if a != b]
        apart = [i for i in apart if i != at]
        mine, its = ([t.shape[i] for i in apart] for t in (first, one))
        if len(apart) == 2 and mine == its[::-1] and len(given) == 2:
            i, j = apart
            return f"axes {i} and {j} of {one.text} stand the other way round in {first.text}"
        if apart:
            i = apart[0]
            sizes = f"{first.shape[i]} in {first.text}, {one.shape[i]} in {one.text}"
            return f"axis {i} has size {sizes}"
    return ""


# -- layouts ------------------------------------------------------------------------------


def _laid_out(source: Given, crash: Crash) -> _Told:
    """A view holds as many values as its source."""
    said = re.search(r"shape '\[([-\d, ]+)\]' is invalid for input of size (\d+)", crash.said)
    if said is None or not source.shape:
        return _Told()
    sizes = [int(size) for size in said.group(1).split(",")]
    have, want = prod(source.shape), prod(size for size in sizes if size != -1)
    whole = "·".join(map(str, source.shape)) + (f" = {have}" if len(source.shape) > 1 else "")
    wanted = "·".join(str(size) for size in sizes if size != -1)
    wanted += f" = {want}" if wanted != str(want) else ""
    how = f"in rows of {wanted}" if -1 in sizes else f"as {wanted}"
    return _Told(f"sizes whose product is {have}", f"{whole} values cannot be laid out {how}")


def _number(node: ast.expr | None) -> int | None:
    try:
        value = ast.literal_eval(node) if node is not None else None
    except ValueError:
        return None
    return value if type(value) is int else None


RULE = Rule(
    "operand-shapes",
    Severity.ERROR,
    "torch refused the shapes of an operation's operands.",
    Crash,
    check,
)
