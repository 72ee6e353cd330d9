"""Scores of attention, and the size whose root they are scaled by.

A score is a sum of products along one axis, so its spread grows with the root of that axis's size
(Vaswani et al., 2017, section 3.2.1); another axis's size makes the weights too flat or too sharp.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace

from torch import Tensor

from shapecheck.core.axis import Role
from shapecheck.core.scales import ScaledBy
from shapecheck.runtime.flow.axes import Axes, Axis, Identity, Part, view_of
from shapecheck.runtime.flow.call import Call
from shapecheck.runtime.flow.marks import Scaling, Scores
from shapecheck.runtime.flow.statistics.normalised import layered
from shapecheck.runtime.flow.wording.definitions import definitions_of
from shapecheck.runtime.flow.wording.reading import text_of

_PRODUCTS = ("mul", "multiply", "__mul__", "__rmul__", "__imul__")
_QUOTIENTS = ("div", "divide", "true_divide", "__truediv__", "__itruediv__")
_WAYS = frozenset((*_PRODUCTS, *_QUOTIENTS))
_SUMS = ("add", "sub", "__add__", "__radd__", "__iadd__", "__sub__", "__isub__")
_KEEPS = frozenset(("masked_fill", "where", *_SUMS))
_WRAPPERS = ("float", "tensor", "FloatTensor", "Tensor", "as_tensor")
_NEAR = 1e-4
_LARGEST = 1 << 24


def scaled(call: Call, result: Axes, by: object) -> None:
    """Mark what was multiplied with a number, or divided by one: a size's root, or anything."""
    if call.name in _WAYS and (by := _number(by)) is not None:
        found = Scaling(None, call.place, "") if (s := _scaling(call, by)) is None else s
        result.marks = replace(result.marks, scaled=(*result.marks.scaled[-2:], found))


def _number(value: object) -> float | None:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, Tensor) and value.numel() == 1 and not value.requires_grad:
        with suppress(RuntimeError, TypeError):  # inside vmap, on the meta device, complex
            return float(value)
    return None


def _scaling(call: Call, number: float) -> Scaling | None:
    node = _root(call, _factor(call))
    size = next((n for n in (_whole(number**2), _whole(number**-2 if number else 0)) if n), 0)
    if node is None or not size:
        return None
    meant = call.tracker.sizes.speaks_of(node, call.frames, size)
    return None if meant is None else Scaling(meant, call.place, text_of(node), size)


def _whole(number: float) -> int:
    near = 1 < number < _LARGEST and abs(number - round(number)) < _NEAR * number
    return round(number) if near else 0


def _factor(call: Call) -> ast.expr | None:
    """What the scores are multiplied with, or divided by, as written."""
    node = call.expression
    if isinstance(node, ast.BinOp):
        return node.left if call.name == "__rmul__" else node.right
    if isinstance(node, ast.AugAssign):
        return node.value
    if isinstance(node, ast.Call) and node.args:
        return node.args[-1]
    return None


def _root(call: Call, node: ast.expr | None) -> ast.expr | None:
    """`x` of `x ** 0.5`, `math.sqrt(x)`, `1 / sqrt(x)`, also where a variable has it."""
    if isinstance(node, ast.Name) and call.source is not None and call.frames:
        code = call.frames[0].f_code
        roots = definitions_of(call.source, code.co_filename).roots
        local = node.id in code.co_varnames or node.id in code.co_cellvars
        node = roots.get((code.co_firstlineno if local else 0, node.id))
    return root_of(node)


def root_of(node: ast.expr | None) -> ast.expr | None:
    """The expression under a root, None for anything else."""
    if isinstance(node, ast.BinOp):
        if isinstance(node.op, ast.Div) and isinstance(node.left, ast.Constant):
            return root_of(node.right)
        return _unwrapped(node.left) if isinstance(node.op, ast.Pow) else None
    if not isinstance(node, ast.Call) or not node.args:
        return None
    name = node.func.attr if isinstance(node.func, ast.Attribute) else text_of(node.func)
    return _unwrapped(node.args[0]) if name in ("sqrt", "pow", "rsqrt") else None


def _unwrapped(node: ast.expr) -> ast.expr:
    """A size without what makes a float or a tensor of it."""
    if isinstance(node, (ast.List, ast.Tuple)) and len(node.elts) == 1:
        return _unwrapped(node.elts[0])
    if not isinstance(node, ast.Call):
        return node
    if isinstance(node.func, ast.Attribute) and node.func.attr == "float" and not node.args:
        return _unwrapped(node.func.value)
    name = node.func.attr if isinstance(node.func, ast.Attribute) else text_of(node.func)
    return _unwrapped(node.args[0]) if name in _WRAPPERS and node.args else node


Pairs = Sequence[tuple[int, int]]


def contracted(
    call: Call, left: Axes, right: Axes, at: int, to: int, made: Axes, common: Pairs
) -> None:
    """Mark scores: what a layer made of samples, or is called features, multiplied along these.

    So are products of anything, (batch, heads, queries, keys); but what is known of these is only
    that nothing is summed along the `common` axes of the two.
    """
    one, other = left.items[at], right.items[to]
    by_layers = _features(call, left, one) and _features(call, right, other)
    of_samples = by_layers or (_called(left, one) and _called(right, other))
    if not (of_samples or len(common) == 2 == len(made.items) - len(common)):
        return
    summed = tuple(part.identity for axis in (one, other) for part in axis.parts)
    kept = (*_staying(left, one), *_staying(right, other))
    if not of_samples:
        pairs = [(left.items[i].single, right.items[j].single) for i, j in common]
        kept = tuple(axis for pair in pairs for axis in pair if axis and not axis.shared)
    scores = Scores(summed, kept, one, of_samples)
    scaled_before = (*left.marks.scaled, *right.marks.scaled)
    made.marks = replace(made.marks, scores=scores, scaled=scaled_before)


def _staying(axes: Axes, gone: Axis) -> tuple[Identity, ...]:
    return tuple(a.single for a in axes.items if a is not gone and a.single is not None)


def _features(call: Call, axes: Axes, axis: Axis) -> bool:
    """True for what a layer put out, all of it or one head's share."""
    if layered(call, axis):
        return True
    made = axes.root.items[-1].parts if axes.root.made_by == "linear" else ()
    own = {part.identity for part in made}
    parents = [part.identity.parent for part in axis.parts]
    return all(p.identity in own for p in axis.parts) or any(p and p[0] in own for p in parents)


def _called(axes: Axes, axis: Axis) -> bool:
    """True for the innermost axis of samples, as they were given, that is called features."""
    last = axes.root.items[-1]
    called = axis.single is not None and axis.single.role()[0] in (Role.FEATURE, Role.CHANNEL)
    return called and len(axes.items) > 2 and last.parts == axis.parts


def carried(call: Call, operands: Sequence[Tensor], result: Axes) -> None:
    """A mask, a bias or a number that is a tensor leaves scores what they are."""
    for tensor in operands if call.name in _KEEPS | _WAYS else ():
        one = call.track(tensor)
        kept = one.marks
        known = kept.scores is not None or kept.likeness is not None or kept.scaled
        if not known or one.shape != result.shape:
            continue
        others = [other for other in operands if other is not tensor]
        if call.name in _WAYS and not (len(others) == 1 and others[0].numel() == 1):
            continue
        result.marks = replace(
            result.marks, scores=kept.scores, scaled=kept.scaled, likeness=kept.likeness
        )
        if call.name in _WAYS:
            scaled(call, result, others[0])
        return


def _among(axis: Identity, several: Iterable[Identity]) -> bool:
    """True for one of these, or for the size that one of these is called by."""
    return any(axis is one or set(axis.names) & set(one.names) for one in several)


def softmaxed(call: Call, source: Axes, at: int) -> None:
    """A softmax takes scores: what they were scaled by is to be the size of what they sum."""
    scores, ways = source.marks.scores, source.marks.scaled
    if scores is None or not ways or any(way.axis is None for way in ways):
        return
    if not scores.made and (len(source.items), at) != (4, 3):
        return
    for way in ways:
        axis = way.axis
        assert axis is not None
        if axis.role()[0] in (Role.FEATURE, Role.CHANNEL):
            return
        if _among(axis, scores.summed) or not _among(axis, scores.kept):
            return
    last = ways[-1]
    assert last.axis is not None
    operand = call.described(source, call.operand_text(0))
    wrong = view_of(Axis((Part(last.axis, last.size),)))
    call.emit(ScaledBy(last.place, operand, wrong, view_of(scores.axis), last.text, call.place))
