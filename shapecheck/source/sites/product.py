"""The order of a matrix product, and patterns of letters: `@`, `einsum`, `rearrange`."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator

from shapecheck.core.site import SiteKind
from shapecheck.source.sites.operation import Draft, Edit, operation, swapped
from shapecheck.source.sites.scope import Scope

Others = Callable[[str], Iterator[tuple[str, str]]]
_PRODUCTS = ("matmul", "mm", "bmm")  # dot is the same either way


def find(node: ast.expr, scope: Scope) -> Iterator[Draft]:
    """The site that a node is, if it is one of these."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
        turned = ast.BinOp(node.right, ast.MatMult(), node.left)
        yield Draft(SiteKind.PRODUCT, node, [("operands swapped", turned)], node.left)
        return
    call = operation(node, scope)
    if call is None:
        return
    if call.name in _PRODUCTS and call.subject is not None and len(call.args) == 1:
        new = call.rebuilt([call.subject], subject=call.args[0])
        yield Draft(SiteKind.PRODUCT, node, [("operands swapped", new)], call.subject)
    elif call.name == "einsum" and call.function:
        yield from _pattern(call.node, 0, _letters)
    elif call.name in ("rearrange", "reduce", "repeat") and _is_einops(call.node, scope):
        yield from _pattern(call.node, 1, _axes)


def _is_einops(node: ast.Call, scope: Scope) -> bool:
    return scope.dotted(node.func).startswith("einops.")


def _pattern(node: ast.Call, position: int, others: Others) -> Iterator[Draft]:
    if len(node.args) <= position:
        return
    given = node.args[position]
    if not isinstance(given, ast.Constant) or not isinstance(given.value, str):
        return
    edits: list[Edit] = []
    for change, text in others(given.value):
        args = [*node.args[:position], ast.Constant(text), *node.args[position + 1 :]]
        edits.append((change, ast.Call(node.func, args, node.keywords)))
    if edits:
        yield Draft(SiteKind.PATTERN, node, edits)


def _letters(pattern: str) -> Iterator[tuple[str, str]]:
    """`bij,bjk->bik` with two letters of the result, or of one operand, swapped."""
    left, arrow, right = pattern.replace(" ", "").partition("->")
    operands = left.split(",")
    if arrow:
        yield from (("letters of the result swapped", f"{left}->{r}") for r in _turned(right))
    for i, operand in enumerate(operands):
        for new in _turned(operand):
            changed = ",".join([*operands[:i], new, *operands[i + 1 :]])
            yield "letters swapped", f"{changed}{arrow}{right}"


def _turned(letters: str) -> Iterator[str]:
    """Two neighbouring letters swapped, the last two first; an ellipsis stays where it is."""
    for i in reversed(range(len(letters) - 1)):
        pair = letters[i : i + 2]
        if "." not in pair and pair[0] != pair[1]:
            yield letters[:i] + pair[::-1] + letters[i + 2 :]


def _axes(pattern: str) -> Iterator[tuple[str, str]]:
    """`b (h w) c -> b c h w` with a group turned round, or two axes of the result swapped."""
    left, arrow, right = pattern.partition("->")
    for group in re.finditer(r"\(([^()]*)\)", pattern):
        names = group[1].split()
        for i in range(len(names) - 1):
            new = [*names[:i], names[i + 1], names[i], *names[i + 2 :]]
            text = f"{pattern[: group.start()]}({' '.join(new)}){pattern[group.end() :]}"
            yield "order within a group swapped", text
    axes: list[ast.expr] = [ast.Name(a) for a in re.findall(r"\([^()]*\)|\S+", right)]
    for i in reversed(range(len(axes) - 1)):
        turned = [a.id for a in swapped(axes, i, i + 1) if isinstance(a, ast.Name)]
        if arrow:
            yield "axes swapped", f"{left}-> {' '.join(turned)}"
