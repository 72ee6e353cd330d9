"""Elementwise operations: axes meet by broadcasting; one operand alone keeps its axes."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

from torch import Tensor

from shapecheck.core.facts import Broadcast, Shape
from shapecheck.runtime.flow.attention import masking, padding, scales
from shapecheck.runtime.flow.attention.hiding import filled
from shapecheck.runtime.flow.axes import Axes, Axis
from shapecheck.runtime.flow.call import Call, positive, shape_of
from shapecheck.runtime.flow.contracts import reversing
from shapecheck.runtime.flow.marks import NONE
from shapecheck.runtime.flow.meeting import aligned, meet
from shapecheck.runtime.flow.operations import decompositions, gradients, spectra
from shapecheck.runtime.flow.order import levels, positions, rows
from shapecheck.runtime.flow.order.flat import taken_apart
from shapecheck.runtime.flow.order.ordered import follows, nowhere
from shapecheck.runtime.flow.order.pairing import turned_in_vain
from shapecheck.runtime.flow.order.tables import used
from shapecheck.runtime.flow.register import flows
from shapecheck.runtime.flow.statistics import covariances, entropy, lengths, noise, standards
from shapecheck.runtime.flow.statistics.across import across
from shapecheck.runtime.flow.statistics.averages import (
    STILL_SUMS,
    added,
    by_count,
    by_one_norm,
    divided,
    factors,
    log_mean,
    masked,
    still_a_sum,
    weighted,
)
from shapecheck.runtime.flow.statistics.centred import by_all, total
from shapecheck.runtime.flow.statistics.normalised import by_own
from shapecheck.runtime.flow.statistics.scoring import compared, entrywise

FAMILY = "elementwise"

UNARY = (
    "abs absolute acos acosh angle asin asinh atan atanh bitwise_not ceil clamp clamp_min "
    "clamp_max clip conj cos cosh deg2rad digamma erf erfc erfinv exp exp2 expm1 fix floor frac "
    "isfinite isinf isnan isneginf isposinf isreal lgamma log log10 log1p log2 logical_not logit "
    "nan_to_num neg negative positive rad2deg reciprocal relu round rsqrt sgn sigmoid sign "
    "signbit sin sinc sinh sqrt square tan tanh trunc "
    "celu elu gelu glu_ hardshrink hardsigmoid hardswish hardtanh leaky_relu logsigmoid mish "
    "prelu rrelu relu6 selu silu softplus softshrink softsign tanhshrink threshold "
    "log_sigmoid dropout alpha_dropout feature_alpha_dropout feature_dropout i0 "
    "__abs__ __neg__ __invert__ __pos__ "
    "bernoulli "
    "detach clone contiguous to cpu cuda type float double half bfloat16 int long short byte "
    "bool type_as requires_grad_ data alias pin_memory share_memory_ retain_grad resolve_conj "
    "resolve_neg __deepcopy__ as_tensor "
    "fill_ zero_ normal_ uniform_ random_ exponential_ log_normal_ cauchy_ geometric_ copysign_ "
    "xavier_uniform_ xavier_normal_ kaiming_uniform_ kaiming_normal_ orthogonal_ trunc_normal_ "
    "constant_ ones_ zeros_ set_ requires_grad "
)
_SAME = (
    "detach clone contiguous to cpu cuda type float double half bfloat16 int long short byte "
    "bool type_as requires_grad_ data alias pin_memory share_memory_ __deepcopy__ as_tensor "
    "dropout resolve_conj resolve_neg requires_grad"
)
_SAME_VALUES = frozenset(_SAME.split())
_CHANGES_SCALE = frozenset(("log", "exp", "square", "sqrt"))


@flows(FAMILY, UNARY, scalars=False)
def unary(call: Call) -> Any:
    """The axes of the one tensor operand."""
    operand = call.get(0, "input")
    if not isinstance(operand, Tensor):
        operand = next((a for a in call.kwargs.values() if isinstance(a, Tensor)), None)
    if operand is None or not isinstance(call.result, Tensor):
        return None
    source = call.track(operand)
    if shape_of(call.result) != source.shape:
        return call.unknown(call.shape)
    if call.name in _SAME_VALUES:
        return call.moved(source.items, source)
    if call.name in _CHANGES_SCALE:
        result = call.new(axis.plain() for axis in source.items)
        kept = source.marks
        result.marks = replace(
            NONE,
            pairs=kept.pairs,
            statistic=kept.statistic,
            standard=kept.standard,
            gradient=kept.gradient if call.name == "square" else None,
            part=kept.part if call.name == "sqrt" else None,
            vectors=kept.vectors if call.name == "square" else "",
            scored=kept.scored if call.name == "sqrt" else None,
        )
        entropy.logarithm(call, source, result)
        return result
    result = call.new(source.items)
    result.lost = source.lost
    summed = source.marks.summed if call.name in STILL_SUMS else None
    result.marks = replace(source.marks, factors=(), average=None, told=None, summed=summed)
    entropy.shifted(call, source, result)
    if call.name in ("clamp", "clamp_min") and "norm" in source.reduced_by:
        result.reduced, result.reduced_by = source.reduced, source.reduced_by
    if call.name in padding.INVERTING:
        padding.turned(source, result)
    return result


@flows(FAMILY, "cumsum cumprod cummax cummin logcumsumexp diff")
def running(call: Call) -> Any:
    """Sums so far, differences of neighbours: the axes stay; the order of one matters."""
    source = call.track(call.get(0, "input"))
    dim = call.get(2, "dim", -1) if call.name == "diff" else call.get(1, "dim")
    at = positive(dim, len(source.items)) if isinstance(dim, int) else -1
    follows(call, source, at)
    nowhere(call, source, at)
    # The last of the sums so far is the sum of all: it is no padding.
    first = call.result if isinstance(call.result, Tensor) else call.result[0]
    axes = zip(source.items, shape_of(first), strict=True)
    result = call.new(replace(a.plain(), padded=None).with_size(size) for a, size in axes)
    return result if isinstance(call.result, Tensor) else (result,) * len(call.result)


BINARY = (
    "add sub subtract mul multiply div divide true_divide floor_divide remainder fmod pow "
    "__add__ __radd__ __iadd__ __sub__ __rsub__ __isub__ __mul__ __rmul__ __imul__ __truediv__ "
    "__rtruediv__ __itruediv__ __div__ __rdiv__ __floordiv__ __rfloordiv__ __mod__ __rmod__ "
    "__pow__ __rpow__ __ipow__ __and__ __or__ __xor__ __rand__ __ror__ __rxor__ __iand__ __ior__ "
    "__ixor__ __eq__ __ne__ __lt__ __le__ __gt__ __ge__ rsub "
    "eq ne not_equal lt less le less_equal gt greater ge greater_equal isclose "
    "logical_and logical_or logical_xor bitwise_and bitwise_or bitwise_xor "
    "maximum minimum fmax fmin atan2 arctan2 hypot float_power logaddexp logaddexp2 heaviside "
    "copysign xlogy ldexp nextafter floor_divide lerp addcmul addcdiv where masked_fill "
    "float_power __lshift__ __rshift__ "
)
_WAYS = {"div", "divide", "true_divide", "__truediv__", "__itruediv__", "__div__"}
_ORDERS = {"lt", "__lt__", "less", "gt", "__gt__", "greater", "ge", "__ge__", "greater_equal"}
_SUMS = {"add", "__add__", "__radd__", "__iadd__"}
_PRODUCTS = {"mul", "multiply", "__mul__", "__rmul__", "__imul__"}


@flows(FAMILY, BINARY, scalars=False)
def binary(call: Call) -> Axes | None:
    """Two or more operands broadcast together."""
    tensors = [(i, a) for i, a in enumerate(call.args) if isinstance(a, Tensor)]
    names = ("input", "other", "condition", "tensor1", "tensor2", "end", "weight", "mask", "value")
    tensors += [
        (len(call.args), call.kwargs[k]) for k in names if isinstance(call.kwargs.get(k), Tensor)
    ]
    if not tensors or not isinstance(call.result, Tensor):
        return None
    axes = call.axes(tensors[0][1])
    for (i, one), (j, other) in itertools.pairwise(tensors):
        axes = meet(call, axes, call.axes(other))
        aligned(call, one, other, (i, j))
        two_sided(call, (i, one), (j, other))
    if call.name == "masked_fill":
        masking.masked(call)
        axes = masking.uniform(call, axes)
    result = call.new(axes)
    if len(tensors) == 1:
        return _with_scalar(call, tensors[0][1], result)
    if len(tensors) == 2:
        result.items = levels.met(call, tensors[0][1], tensors[1][1], result.items)
        left, right = (call.track(tensor) for _, tensor in tensors)
        _two(call, left, right, result)
        across(call, (left, tensors[0][1]), (right, tensors[1][1]), result)
        standards.met(call, (left, tensors[0][1]), (right, tensors[1][1]), result)
        if call.name in _PRODUCTS:
            sides = ((left, tensors[0][1]), (right, tensors[1][1]))
            weighted(call, *sides)
            masked(call, *sides)
        if call.name in _ORDERS:
            padding.measured(call, left, right, result)
    scales.carried(call, [t for _, t in tensors], result)
    filled(call, [t for _, t in tensors], result)
    padding.hidden(call, result)
    if call.name in _WAYS:
        result.items = by_own(call, tensors, result.items)
    elif call.name in _PRODUCTS:
        result.items = _weighted(call, tensors, result.items)
    elif call.name in _SUMS:
        result.items = _log_product(call, tensors, result.items)
    result.lost = tuple(lost for _, t in tensors for lost in call.track(t).lost)
    return result


def _two(call: Call, left: Axes, right: Axes, result: Axes) -> None:
    """What the operands were before says whether they may meet."""
    used(call, left, right)
    rows.compared(call, left, right)
    turned_in_vain(call, left, right)
    by_all(call, left, right)
    total(call, left, right)
    positions.waved(call, left, right)
    result.marks = compared(call, left, right)
    if call.name in _WAYS:
        divided(call, left, right)
        by_one_norm(call, left, right)
        result.marks = lengths.scaled(call, left, right, result.marks)
    elif call.name in _PRODUCTS:
        result.marks = replace(NONE, factors=factors(left, right))
    elif call.name in _SUMS:
        added(call, left, right)
        positions.added(call, left, right)
        positions.learnt(call, left, right)
        noise.added(call, left, right)
        decompositions.added(call, left, right)
        reversing.joined(call, (left, right))
    result.marks = replace(result.marks, vectors=entrywise(call, left, right))


def _with_scalar(call: Call, operand: Tensor, result: Axes) -> Axes:
    source = call.track(operand)
    taken_apart(call, source)
    spectra.divides(call, source)
    gradients.held_to(call, source)
    covariances.divided(call, source)
    result.lost = source.lost
    summed = source.marks.summed if still_a_sum(call) else None
    result.marks = replace(source.marks, factors=(), told=None, summed=summed)
    by_count(call, source, result)
    log_mean(call, source)
    entropy.shifted(call, source, result)
    scales.scaled(call, result, next((a for a in call.args if a is not operand), None))
    filled(call, [operand], result)
    padding.compared(call, operand, result)
    if call.name in ("add", "clamp", "clamp_min", "__add__"):
        result.reduced, result.reduced_by = source.reduced, source.reduced_by
    return result


def _weighted(
    call: Call, tensors: list[tuple[int, Tensor]], axes: tuple[Axis, ...]
) -> tuple[Axis, ...]:
    """Normalised weights times values: what was normalised stays so, as part of a product.

    Only where the weights were spread over an axis of the values (a feature), or the values are
    counted out (coordinates, of which the mean is taken): weights of the same shape as what they
    multiply may be a mask or a gate.
    """
    if len(tensors) != 2 or not any(axis.normalised for axis in axes):
        return axes
    sizes = tuple(axis.size for axis in axes)
    for (_, weights), (_, values) in (tensors, tensors[::-1]):
        own, other = call.track(weights), call.track(values)
        if entropy.times_own(own, other):
            return tuple(replace(a, product=entropy.KIND) if a.normalised else a for a in axes)
        if not any(axis.normalised for axis in own.items):
            continue
        if any(axis.normalised for axis in other.items):
            continue
        counts = _counted(other)
        if counts if own.shape == sizes else other.shape == sizes:
            product = "counts" if counts else "times"
            return tuple(replace(a, product=product) if a.normalised else a for a in axes)
    return tuple(a.plain() if a.normalised else a for a in axes)


def _counted(axes: Axes) -> bool:
    """True for coordinates: `arange`, `linspace`, and grids of these."""
    return axes.root.made_by in ("arange", "linspace", "meshgrid", "range")


def _log_product(
    call: Call, tensors: list[tuple[int, Tensor]], axes: tuple[Axis, ...]
) -> tuple[Axis, ...]:
    """Logarithms of weights plus logarithms of values, index by index: a product."""
    if len(tensors) != 2:
        return axes
    left, right = call.track(tensors[0][1]), call.track(tensors[1][1])
    weighted = [any(axis.normalised for axis in side.items) for side in (left, right)]
    if left.shape != right.shape or sum(weighted) != 1:
        return axes
    return tuple(replace(a, product="plus") if a.normalised else a for a in axes)


def two_sided(
    call: Call, left: tuple[int, Tensor], right: tuple[int, Tensor], result: Shape | None = None
) -> None:
    """Record that both operands grew, to `result` where that is not what the call gave."""
    a, b = call.track(left[1]), call.track(right[1])
    rank = max(len(a.shape), len(b.shape))
    if not a.shape or not b.shape or (_counted(a) and _counted(b)):
        return  # a row and a column of positions: all pairs of them, as `arange(n)[:, None]` says
    grew: list[tuple[int, int]] = []
    for i in range(-rank, 0):
        one = a.shape[i] if -i <= len(a.shape) else 1
        two = b.shape[i] if -i <= len(b.shape) else 1
        if one != two:
            grew.append((0 if one == 1 else 1, i + rank))
    if {who for who, _ in grew} != {0, 1}:
        return
    call.emit(
        Broadcast(
            call.place,
            call.name,
            (call.operand(left[1], left[0]), call.operand(right[1], right[0])),
            shape_of(call.result) if result is None else result,
            tuple(grew),
            (_asked(a), _asked(b)),
            related=a.root is b.root or _reduced_from(a, b) or _reduced_from(b, a),
        )
    )


_ASKED = ("None", "unsqueeze", "keepdim", "view", "expand")


def _asked(axes: Axes) -> str:
    grown = [axis.grown for axis in axes.items if axis.size == 1]
    return next((how for how in (*_ASKED, "turned") if how in grown), "")


def _reduced_from(small: Axes, large: Axes) -> bool:
    return small.reduced is not None and small.reduced.root is large.root
