"""torch refused the shapes of an operation's operands."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import zip_longest
from math import prod

from shapecheck.core.evidence import Crash
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.plain import to_plain
from shapecheck.core.remedy import reorderings
from shapecheck.core.rule import Rule
from shapecheck.rules._crash import first_refused, torch_says
from shapecheck.rules._operands import Given, Shape, expression, operands

_PRODUCTS = {"matmul", "mm", "bmm"}
_ELEMENTWISE = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.FloorDiv, ast.Mod)
_ELEMENTWISE_CALLS = {"add", "sub", "mul", "div", "where", "eq", "mse_loss", "l1_loss"}
_JOINS = {"cat", "concat", "concatenate", "stack"}
_LAYOUTS = {"view", "reshape"}


@dataclass(frozen=True)
class _Told:
    """What is said of a refusal: what the operation needs, why it does not have it, a remedy."""

    expected: str = ""
    cause: str = ""
    remedies: tuple[str, ...] = ()


def check(crash: Crash) -> Iterator[Finding]:
    """Fires on every torch error about shapes that no layer's contract explains."""
    if crash.layer and first_refused(crash.inputs) is not None:
        return
    given = operands(crash)
    told = _told(crash, given)
    yield Finding(
        RULE.slug,
        RULE.severity,
        crash.place,
        message=f"torch refused the shapes in `{crash.expression or crash.function}`",
        expected=told.expected,
        actual=", ".join(map(str, given)),
        cause=told.cause or crash.said,
        remedy=", or ".join(told.remedies),
        evidence={"crash": to_plain(replace(crash, raised=None))},
        notes=torch_says(crash)[:1] if told.cause or not given else (),
    )


def _told(crash: Crash, given: list[Given]) -> _Told:
    node = expression(crash)
    kind = _kind(node)
    if len(given) == 2 and kind == "product":
        return _product(given[0], given[1], crash)
    if len(given) == 2 and kind == "elementwise":
        return _elementwise(given[0], given[1], crash)
    if len(given) >= 2 and kind == "join" and isinstance(node, ast.Call):
        return _joined(given, node)
    if given and kind == "layout" and isinstance(node, ast.Call):
        return _laid_out(given[0], node)
    if given and isinstance(node, ast.Subscript) and given[0].shape == ():
        return _Told("a tensor with axes", remedies=(f"{_whole(given[0])}.item()",))
    return _Told()


def _whole(one: Given) -> str:
    return one.text.removesuffix(".data")


def _kind(node: ast.expr | None) -> str:
    """What sort of operation an expression is, by its outermost part."""
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
    kinds = {
        **dict.fromkeys(_PRODUCTS, "product"),
        **dict.fromkeys(_ELEMENTWISE_CALLS, "elementwise"),
        **dict.fromkeys(_JOINS, "join"),
        **dict.fromkeys(_LAYOUTS, "layout"),
    }
    return kinds.get(name, "")


# -- products -----------------------------------------------------------------------------


def _product(left: Given, right: Given, crash: Crash) -> _Told:
    """What a matrix product needs, and a transpose that gives it."""
    a, b = left.shape, right.shape
    if len(a) < 2 or len(b) < 2:
        return _Told()
    at = len(b) - 2
    expected = f"the last axis of {left.text} equal to axis {at} of {right.text}"
    options = []
    if _multiplies(a, _turned(b)):
        options.append(f"{right.text}.transpose(-2, -1) gives {_turned(b)}")
    if _multiplies(_turned(a), b):
        options.append(f"{left.text}.transpose(-2, -1) gives {_turned(a)}")
    cause = ""
    if a[-1] != b[-2]:
        cause = _clash(left, len(a) - 1, right, at, crash)
    return _Told(expected, cause, tuple(options))


def _turned(shape: Shape) -> Shape:
    return (*shape[:-2], shape[-1], shape[-2])


def _multiplies(a: Shape, b: Shape) -> bool:
    return a[-1] == b[-2] and _broadcasts(a[:-2], b[:-2])


# -- elementwise --------------------------------------------------------------------------


def _broadcasts(a: Shape, b: Shape) -> bool:
    pairs = zip_longest(reversed(a), reversed(b), fillvalue=1)
    return all(x == y or 1 in (x, y) for x, y in pairs)


def _elementwise(left: Given, right: Given, crash: Crash) -> _Told:
    """What broadcasting needs, and an added axis or an order that gives it without growing."""
    a, b = left.shape, right.shape
    expected = "sizes that are equal, or 1, counted from the last axis"
    small, large = (left, right) if len(a) < len(b) else (right, left)
    s, t = small.shape, large.shape
    options = []
    for dim in range(len(s) + 1) if len(s) < len(t) else ():
        grown = (*s[:dim], 1, *s[dim:])
        if _broadcasts(grown, t) and len(grown) == len(t):
            options.append(f"{small.text}.unsqueeze({dim}) gives {grown}")
    if len(a) == len(b) and not options:
        turned = next((order for order in reorderings(b) if order.shape == a), None)
        if turned is not None:
            options.append(f"{right.text}{turned.code} gives {a}")
    pairs = [(len(a) - k, len(b) - k) for k in range(1, min(len(a), len(b)) + 1)]
    apart = [(i, j) for i, j in pairs if a[i] != b[j] and 1 not in (a[i], b[j])]
    cause = _clash(left, apart[0][0], right, apart[0][1], crash) if apart else ""
    return _Told(expected, cause, tuple(options))


def _clash(left: Given, i: int, right: Given, j: int, crash: Crash) -> str:
    """Two axes that were to be of one size, and where each came from."""

    def said(one: Given, at: int) -> str:
        came = one.came(at, crash)
        return f"axis {at} of {one.text} has size {one.shape[at]}" + (f", {came}" if came else "")

    return f"{said(left, i)}; {said(right, j)}"


# -- joining ------------------------------------------------------------------------------


def _joined(given: list[Given], node: ast.Call) -> _Told:
    """Joined tensors are alike but along the axis they are joined at."""
    name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
    dim = _number(next((k.value for k in node.keywords if k.arg in ("dim", "axis")), None))
    if dim is None and len(node.args) > 1:
        dim = _number(node.args[1])
    rank = len(given[0].shape)
    at = (0 if dim is None else dim) % max(rank, 1)
    if name == "stack":
        at = rank  # all axes alike
    shapes = [one.shape for one in given]
    options = []
    for k, one in enumerate(given):
        others = [shape for i, shape in enumerate(shapes) if i != k]
        if len({len(shape) for shape in others}) != 1 or not _alike(others, at):
            continue
        step = next((o for o in reorderings(one.shape) if _alike([o.shape, *others], at)), None)
        if step is not None:
            options.append(f"{one.text}{step.code} gives {step.shape}")
        elif len(one.shape) + 1 == len(others[0]):
            for place in range(len(one.shape) + 1):
                grown = (*one.shape[:place], 1, *one.shape[place:])
                if _alike([grown, *others], at):
                    options.append(f"{one.text}.unsqueeze({place}) gives {grown}")
    expected = "tensors of one shape" if name == "stack" else f"tensors alike but along axis {at}"
    return _Told(expected, _exchanged(given, at), tuple(options[:2]))


def _alike(shapes: list[Shape], at: int) -> bool:
    rest = {(*shape[:at], *shape[at + 1 :]) for shape in shapes}
    return len({len(shape) for shape in shapes}) == 1 and len(rest) == 1


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
        if len(apart) == 2 and mine == its[::-1]:
            i, j = apart
            return f"axes {i} and {j} of {one.text} stand the other way round in {first.text}"
        if apart:
            i = apart[0]
            sizes = f"{first.shape[i]} in {first.text}, {one.shape[i]} in {one.text}"
            return f"axis {i} has size {sizes}"
    return ""


# -- layouts ------------------------------------------------------------------------------


def _laid_out(source: Given, node: ast.Call) -> _Told:
    """A view holds as many values as its source."""
    given = node.args[1:] if source.text != _receiver(node) else node.args
    if len(given) == 1 and isinstance(given[0], (ast.Tuple, ast.List)):
        given = given[0].elts
    sizes = [_number(one) for one in given]
    numbers = [size for size in sizes if size is not None]
    if not numbers or len(numbers) != len(sizes) or not source.shape:
        return _Told()
    have, want = prod(source.shape), prod(size for size in numbers if size != -1)
    product = "·".join(map(str, source.shape))
    free = -1 in numbers
    cause = f"{product} = {have} values cannot be laid out " + (
        f"in rows of {want}" if free else f"as {want}"
    )
    options = []
    if free and len(numbers) == 2 and numbers[0] == -1 and len(source.shape) > 2:
        flat = (source.shape[0], prod(source.shape[1:]))
        options.append(f"{source.text}.flatten(1) gives {flat}")
    return _Told(f"sizes whose product is {have}", cause, tuple(options))


def _receiver(node: ast.Call) -> str:
    return ast.unparse(node.func.value) if isinstance(node.func, ast.Attribute) else ""


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
