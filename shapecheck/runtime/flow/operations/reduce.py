"""Reductions drop axes or leave them at size one; a softmax keeps them and marks one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from torch import Tensor

from shapecheck.core.axis import Role
from shapecheck.core.facts import Masked, Normalised, WeightedApart, WeightedSum
from shapecheck.runtime.flow import asking
from shapecheck.runtime.flow.attention import heads, likeness, scales, together
from shapecheck.runtime.flow.attention.hiding import attends
from shapecheck.runtime.flow.axes import Axes, Axis, parts_of, view_of
from shapecheck.runtime.flow.call import Call, positive, shape_of
from shapecheck.runtime.flow.contracts.directions import kept
from shapecheck.runtime.flow.marks import NONE
from shapecheck.runtime.flow.meeting import differing
from shapecheck.runtime.flow.operations import gradients
from shapecheck.runtime.flow.operations.elementwise import binary
from shapecheck.runtime.flow.operations.spectra import ranked
from shapecheck.runtime.flow.order.flat import flat_parts
from shapecheck.runtime.flow.order.tables import averaged
from shapecheck.runtime.flow.register import flows
from shapecheck.runtime.flow.statistics import entropy
from shapecheck.runtime.flow.statistics.averages import reduced, told_apart
from shapecheck.runtime.flow.statistics.normalised import multiplied
from shapecheck.runtime.flow.statistics.pooled import pools
from shapecheck.runtime.flow.statistics.scoring import added_up
from shapecheck.runtime.flow.statistics.standards import taken

FAMILY = "reductions"


@flows(
    FAMILY,
    "sum mean nansum nanmean prod max min amax amin aminmax argmax argmin var std var_mean "
    "std_mean median nanmedian mode quantile nanquantile logsumexp norm vector_norm "
    "count_nonzero all any",
)
def reduction(call: Call) -> Any:
    """Without dim everything goes; with keepdim the axis stays at size one."""
    if call.name in ("max", "min") and isinstance(call.get(1, "other"), Tensor):
        return binary(call)
    source = call.track(call.get(0, "input", call.kwargs.get("self")))
    dims = _dims(call, len(source.items))
    keep = _keepdim(call, source, dims)
    if keep is None:
        return _unknown(call)
    axes: list[Axis] = []
    for i, axis in enumerate(source.items):
        if i not in dims:
            axes.append(axis.plain() if axis.product else axis)
        elif keep:
            axes.append(call.fresh(1, grown="keepdim"))
    result = call.new(axes)
    result.reduced, result.reduced_by = source, call.name
    reduced(call, source, dims, result)
    result.marks = replace(result.marks, spectrum=source.marks.spectrum)
    result.marks = taken(call, source, dims, result.marks)
    result.marks = gradients.reduced(call, source, dims, result.marks)
    result.marks = added_up(call, source, dims, result.marks)
    result.marks = entropy.added(call, source, dims, result.marks)
    entropy.added_up(call, source, dims)
    told_apart(call, source)
    averaged(call, source, dims)
    asking.averaged(call, source, dims)
    pools(call, source, dims, result)
    compared = call.name in ("all", "any") and source.made_by in _COMPARISONS
    if (compared or call.name in _CHOICES) and len(dims) == 1 and len(source.items) > 1:
        operand = call.operand(call.get(0, "input"))
        call.emit(Normalised(call.place, call.name, operand, next(iter(dims))))
    if call.name in _WEIGHTED:
        likeness.summed(call, source, dims)
        _weighted_sum(call, source, dims, _WEIGHTED[call.name])
    if isinstance(call.result, Tensor):
        if call.name in ("argmax", "argmin"):
            result.flat = flat_parts([source.items[i] for i in sorted(dims)])
            result.marks = ranked(source, min(dims, default=0), result.marks)
        return result
    return (result, *(_indices(call, source, dims, axes) for _ in call.result[1:]))


def _indices(call: Call, source: Axes, dims: set[int], axes: list[Axis]) -> Axes:
    """The second result of `max` and its kin: where along the axis each of them stood."""
    result = call.new(axes)
    if call.name in ("max", "min", "median", "mode"):
        result.flat = flat_parts([source.items[i] for i in sorted(dims)])
        result.marks = ranked(source, min(dims, default=0), result.marks)
    return result


_CHOICES = ("argmax", "max")
_COMPARISONS = ("eq", "__eq__", "ne", "__ne__", "isclose")


def _dims(call: Call, rank: int) -> set[int]:
    at = 2 if call.name in ("norm", "vector_norm", "quantile", "nanquantile") else 1
    dim = call.get(at, "dim", call.kwargs.get("axis"))
    if isinstance(dim, bool) or dim is None:
        return set(range(rank))
    dims = dim if isinstance(dim, (tuple, list)) else (dim,)
    if not dims:
        return set(range(rank))
    return {positive(int(d), rank) for d in dims}


def _keepdim(call: Call, source: Axes, dims: set[int]) -> bool | None:
    """Whether the axes stayed, told by the result's shape; None where neither fits."""
    first = call.result if isinstance(call.result, Tensor) else call.result[0]
    shape = shape_of(first)
    if shape == tuple(s for i, s in enumerate(source.shape) if i not in dims):
        return False
    if shape == tuple(1 if i in dims else s for i, s in enumerate(source.shape)):
        return True
    return None


def _unknown(call: Call) -> Any:
    if isinstance(call.result, Tensor):
        return call.unknown(call.shape)
    return tuple(call.unknown(shape_of(r)) for r in call.result)


_WEIGHTED = {"sum": ("times", "counts"), "mean": ("times", "counts"), "logsumexp": ("plus",)}


def _weighted_sum(call: Call, source: Axes, dims: set[int], products: tuple[str, ...]) -> None:
    """Weights normalised over one axis, summed over another."""
    if call.name == "sum" and len(dims) == 1:
        multiplied(call, source, *dims)
    over = [i for i in dims if source.items[i].normalised and source.items[i].product]
    if over or len(dims) != 1:
        return
    (at,) = dims
    for axis in source.items:
        if axis.normalised and axis.product in products and axis is not source.items[at]:
            meant = axis.product == "counts" or not _soft(source, at)
            record_weighted_sum(call, axis, source.items[at], alike=meant)
            return


def _soft(product: Axes, at: int) -> bool:
    """True where the weights may share each index of the summed axis out, as soft assignments do.

    Not where they were spread over that axis. Nor where they have two axes, both of them those of
    the values, and the sum runs over time or the inner one: what is normalised is then the batch.
    """
    weights = [f for f in product.marks.factors if any(a.normalised for a in f.items)]
    if len(weights) != 1:
        return True
    sizes = {i - len(weights[0].items): axis.size for i, axis in enumerate(weights[0].items)}
    along = [i for i, size in sizes.items() if size > 1]
    summed = at - len(product.items)
    if summed not in along:
        return False
    others = [f.items for f in product.marks.factors if f is not weights[0]]
    values = others[0] if others else ()
    if len(along) != 2 or any(-i > len(values) or values[i].size == 1 for i in along):
        return True
    role = _declared(product.items[at])
    return role is Role.BATCH or (role is not Role.TIME and summed == along[0])


def _declared(axis: Axis) -> Role | None:
    return axis.single.role()[0] if axis.single is not None else None


def record_weighted_sum(
    call: Call,
    normalised: Axis,
    summed: Axis,
    *,
    alike: bool = False,
    attended: tuple[int, int] | None = None,
) -> None:
    """Record the fact, where the summed axis has more than one index.

    `alike` says that the weights would have to add up to one over the summed axis, whatever the
    two axes are; `attended` that they are those of attention, and at which of their axes.
    """
    if normalised.normalised is None or summed.size == 1 or summed.normalised:
        return
    a, b = normalised.single, summed.single
    alike = alike or list(parts_of(normalised)) == list(parts_of(summed))
    alike = alike or (a is not None and b is not None and _same_role(normalised, summed))
    one, other = view_of(normalised), view_of(summed)
    if attended is None or alike:
        found = WeightedSum(call.place, call.name, one, normalised.normalised, other, alike)
    else:
        found = WeightedApart(
            call.place, call.name, one, normalised.normalised, other, True, attended
        )
    call.emit(found)


def _same_role(a: Axis, b: Axis) -> bool:
    assert a.single is not None
    assert b.single is not None
    role = a.single.role()[0]
    return role is not None and role is b.single.role()[0]


@flows(FAMILY, "softmax log_softmax softmin gumbel_softmax _softmax")
def softmax(call: Call) -> Axes:
    """The axes stay; one of them is normalised."""
    operand = call.get(0, "input")
    source = call.track(operand)
    dim = call.get(1, "dim")
    if call.name == "gumbel_softmax":
        dim = call.get(4, "dim", -1)
    if not source.items:
        return call.new(())
    told_apart(call, source)
    at = positive(_implicit(len(source.items)) if dim is None else int(dim), len(source.items))
    scales.softmaxed(call, source, at)
    call.emit(Normalised(call.place, call.name, call.operand(operand), at, implicit=dim is None))
    where = source.items[at].uniform
    if where is not None and at == len(source.items) - 1:
        scores = call.operand(operand)
        call.emit(Masked(call.place, call.name, scores, scores, uniform=where))
    axes = [axis.plain() if axis.normalised else axis for axis in source.items]
    axes[at] = replace(axes[at], normalised=call.place, uniform=None)
    result = call.new(axes)
    marks = likeness.softmaxed(call, source, attends(call, source, at))
    result.marks = heads.softmaxed(call, source, at, marks)
    return result


def _implicit(rank: int) -> int:
    """The axis that torch takes where softmax is given no dim."""
    return 0 if rank in (0, 1, 3) else 1


@flows(FAMILY, "glu")
def halved(call: Call) -> Axes:
    """One axis goes to half its size."""
    source, shape = call.track(call.get(0, "input")), shape_of(call.result)
    return call.new(a.with_size(s) for a, s in zip(source.items, shape, strict=True))


@flows(FAMILY, "normalize")
def unit_norm(call: Call) -> Axes:
    """Divided by the norm along one axis."""
    axes = [replace(axis.plain(), unit=axis.unit) for axis in call.axes(call.get(0, "input"))]
    dim = call.get(2, "dim", 1)
    if axes and isinstance(dim, int):
        at = positive(dim, len(axes))
        written = call.written is not None and call.written_argument(2, "dim", method=False)
        if len(axes) > 2 and written is None:
            operand = call.operand(call.get(0, "input"))
            call.emit(Normalised(call.place, call.name, operand, at, implicit=True))
        axes[at] = replace(axes[at], unit=call.place)
    return call.new(axes)


@flows(
    FAMILY,
    "layer_norm group_norm instance_norm rms_norm local_response_norm renorm",
    scalars=False,
)
def normalising(call: Call) -> Axes:
    """Statistics over some axes; the axes stay."""
    x, weight = call.get(0, "input"), call.get(2, "weight")
    if call.name == "layer_norm" and isinstance(weight, Tensor) and weight.dim() == 1:
        differing(call, (x, -1), (weight, -1))
    result = call.new(a.plain() for a in call.axes(call.get(0, "input")))
    marks = replace(NONE, pooled=call.track(x).marks.pooled)
    result.marks = together.normalised(call, call.track(x), marks)
    return kept(call.track(x), result) if call.name == "layer_norm" else result
