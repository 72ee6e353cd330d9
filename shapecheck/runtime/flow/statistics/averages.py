"""Averages: what a weighted sum is divided by, and which axis each of two losses averages."""

from __future__ import annotations

import ast
from dataclasses import replace
from math import exp

from torch import Tensor

from shapecheck.core.site import Place
from shapecheck.core.sums import (
    LogMeanCount,
    MaskLate,
    MeanCount,
    SharedNorm,
    TermsApart,
    WeightsLate,
)
from shapecheck.runtime.flow import asking
from shapecheck.runtime.flow.axes import Axes, Identity, view_of
from shapecheck.runtime.flow.call import Call
from shapecheck.runtime.flow.marks import Average, Summed
from shapecheck.runtime.flow.wording.reading import text_of

_SUMS = ("sum", "nansum")
STILL_SUMS = frozenset(("neg", "negative", "__neg__", "clamp", "clamp_min"))
_SCALES = frozenset(("mul", "multiply", "__mul__", "__rmul__", "__imul__"))
_QUOTIENTS = frozenset(("div", "divide", "true_divide", "__truediv__"))
_RAISES = frozenset(("add", "__add__", "__radd__", "__iadd__"))
_SPREAD = "var std var_mean std_mean max min amax amin argmax argmin softmax"
_SPREADS = frozenset(_SPREAD.split())
_LESS = frozenset(("sub", "__sub__", "__isub__"))
_MOST_LOGARITHM = 20.0
_LEAST = 0.1  # what is scaled by less is divided by how many there are
_NO_CHANCE = 5  # sizes from here on are seldom equal by chance


def still_a_sum(call: Call) -> bool:
    """True where a sum stays one, up to a factor: not divided (a mean by hand), not squared."""
    number = next((v for v in call.args if isinstance(v, (int, float))), 0.0)
    return call.name in _RAISES or (call.name in _SCALES and abs(number) >= _LEAST)


def reduced(call: Call, source: Axes, dims: set[int], result: Axes) -> None:
    """A sum or mean is remembered, and what a mean of everything is the mean of."""
    if call.name not in (*_SUMS, "mean", "nanmean"):
        return
    before = source.marks.summed
    if before is not None and before.source.marks.summed is not None:
        return  # no chain of all that ever was
    done = Summed(source, frozenset(dims), call.name, call.place)
    result.marks = replace(source.marks, factors=(), average=None, summed=done)
    if call.name == "mean" and not result.items:
        average(call, source, result)


def average(call: Call, source: Axes, result: Axes) -> None:
    """A number that is the mean of all entries of `source`."""
    text = call.operand_text(0)
    found = Average(source.items, source.marks.summed, call.place, text, call.name)
    result.marks = replace(result.marks, average=found)


def by_count(call: Call, source: Axes, result: Axes) -> None:
    """A sum of all entries, divided by the size of one axis: `loss.sum() / x.size(0)`."""
    done, count = source.marks.summed, call.get(1, "other")
    if call.name not in _QUOTIENTS or source.items or done is None or type(count) is not int:
        return
    if done.by not in _SUMS or len(done.dims) < len(done.source.items) or count < 2:
        return
    meant = call.tracker.sizes.speaks_of(call.operand_node(1), call.frames, count)
    axes = [a for a in done.source.items if a.size == count and a.single is not None]
    axes = [a for a in axes if a.single is meant] if meant is not None else axes
    if len(axes) == 1:
        found = Average((axes[0],), None, call.place, call.operand_text(0), "sum")
        result.marks = replace(result.marks, average=found)


def log_mean(call: Call, source: Axes) -> None:
    """`logsumexp(x, 0) - log(n)` is the logarithm of a mean where n counts what was summed."""
    before, node, value = source.reduced, call.operand_node(1), call.get(1, "other")
    if call.name not in _LESS or source.reduced_by != "logsumexp" or before is None:
        return
    called = text_of(node.func).split(".")[-1] if isinstance(node, ast.Call) else ""
    if not isinstance(node, ast.Call) or called != "log" or not isinstance(value, float):
        return
    count = round(exp(value)) if value < _MOST_LOGARITHM else 0
    gone = [i for i, axis in enumerate(before.items) if axis not in source.items]
    if count < 2 or len(gone) != 1 or not node.args:
        return
    meant = call.tracker.sizes.speaks_of(node.args[0], call.frames, count)
    meant = meant if meant in [axis.single for axis in before.items] else None
    if meant is None and before.shape[gone[0]] == count:
        return
    left = [i for i, a in enumerate(before.items) if i not in gone and a.size == count]
    left = [i for i in left if meant is None or before.items[i].single is meant]
    if len(left) == 1:
        call.emit(LogMeanCount(call.place, call.described(before, ""), gone[0], left[0]))


def factors(*operands: Axes) -> tuple[Axes, ...]:
    """What a product was made of, but for what was a product or a sum itself: a loop would hold
    on to all that ever was."""
    return tuple(axes for axes in operands if not (_composed(axes) or _composed(axes.root)))


def _composed(axes: Axes) -> bool:
    return bool(axes.marks.factors or axes.marks.summed)


def divided(call: Call, numerator: Axes, denominator: Axes) -> None:
    """A weighted sum over the sum of its weights: both must run over the same axes."""
    above, below = numerator.marks.summed, denominator.marks.summed
    if above is None or below is None or above.by not in _SUMS or below.by not in _SUMS:
        return
    weights = next((f for f in above.source.marks.factors if f.root is below.source.root), None)
    if weights is None:
        return
    shift = len(above.source.items) - len(weights.items)
    ran = _identities(weights, {i - shift for i in above.dims})
    counted = _identities(below.source, set(below.dims))
    more = counted - ran
    if not ran or not more or _product(ran, weights) is None:
        return
    if ran < counted and not _values(above, weights, shift):
        return  # a share of the total, to be added up
    held = [axis.single for axis in weights.items]
    right = next((i for i, one in enumerate(held) if one is not None and one in ran), None)
    missing = next((i for i, one in enumerate(held) if one is not None and one in more), None)
    if right is None or missing is None:
        return
    call.emit(
        MeanCount(
            call.place,
            call.name,
            call.described(numerator, call.operand_text(0)),
            call.described(denominator, call.operand_text(1)),
            view_of(weights.items[right]),
            view_of(weights.items[missing]),
            (right, missing),
            ran < counted,
        )
    )


def _identities(axes: Axes, dims: set[int]) -> set[Identity]:
    return {
        axis.single
        for i, axis in enumerate(axes.items)
        if i in dims and axis.single is not None and axis.size > 1
    }


def _product(ran: set[Identity], weights: Axes) -> Axes | None:
    """The weights, where each axis is told apart from the others."""
    singles = [axis.single for axis in weights.items if axis.size > 1]
    return weights if len(set(singles)) == len(singles) and None not in singles else None


def _values(above: Summed, weights: Axes, shift: int) -> bool:
    """True where the values have an axis that their weights lack: what is averaged is a vector."""
    return any(
        i < shift or weights.items[i - shift].size == 1
        for i, axis in enumerate(above.source.items)
        if i not in above.dims and axis.size > 1
    )


def added(call: Call, left: Axes, right: Axes) -> None:
    """Two numbers make a loss: what one averages over, the other must not add up for others."""
    one, other = left.marks.average, right.marks.average
    if one is None or other is None:
        return
    for first, second in ((one, other), (other, one)):
        over = _added_up(first, second)
        if over is not None:
            position = next(i for i, a in enumerate(first.axes) if a.single is over)
            views = (view_of(first.axes[position]), view_of(second.axes[0]))
            texts, places = (first.text, second.text), (first.place, second.place)
            made = second.before.place if second.before is not None else second.place
            call.emit(TermsApart(call.place, call.name, texts, places, views, made))
            return


def told_apart(call: Call, source: Axes) -> None:
    """How what was summed is spread is asked for: a sum for each index is what was meant.

    The load of each expert is a count over the samples, and is to be even.
    """
    before = source.marks.summed
    if before is not None and call.name in _SPREADS:
        call.withdraw(TermsApart, before.place)


def _added_up(first: Average, second: Average) -> Identity | None:
    """The axis that one term is averaged over and the other summed over, to be averaged over
    another axis."""
    before = second.before
    if before is None or before.by not in _SUMS or len(second.axes) != 1:
        return None
    averaged = {axis.single for axis in first.axes if axis.single is not None and axis.size > 1}
    gone = {
        axis.single
        for i, axis in enumerate(before.source.items)
        if i in before.dims and axis.single is not None
    }
    last = second.axes[0].single
    common = averaged & gone
    return next(iter(common)) if common and last not in averaged else None


def by_one_norm(call: Call, vectors: Axes, norm: Axes) -> None:
    """Vectors of a layer divided by one norm over all of them."""
    if norm.items or norm.reduced is None or norm.reduced_by not in ("norm", "vector_norm"):
        return
    several = sum(axis.size > 1 for axis in vectors.items) > 1
    if several and norm.reduced.root is vectors.root and vectors.made_by == "linear":
        call.emit(SharedNorm(call.place, call.described(vectors, call.operand_text(0))))


def weighted(call: Call, left: tuple[Axes, Tensor], right: tuple[Axes, Tensor]) -> None:
    """A loss that is one number, times one number a sample: the weights come too late."""
    for (weights, given), (loss, number) in ((left, right), (right, left)):
        average = loss.marks.average
        if average is None or loss.items or len(weights.items) != 1:
            continue
        axis = weights.items[0]
        if axis.single is None or axis.size == 1 or axis.single.shared:
            continue
        known = axis.single in [one.single for one in average.axes]
        # A loss over one axis, and one number for each index of an axis of its size.
        alike = average.by != "mean" and [one.size for one in average.axes] == [axis.size]
        if (
            (known or (alike and axis.size >= _NO_CHANCE))
            and number.requires_grad
            and not given.requires_grad
        ):
            operand = call.described(weights, call.operand_text(0 if weights is left[0] else 1))
            call.emit(WeightsLate(call.place, operand, average.text, view_of(axis), average.place))


def masked(call: Call, left: tuple[Axes, Tensor], right: tuple[Axes, Tensor]) -> None:
    """One number made of all entries, times a mask of these entries: nothing is masked any more."""
    asking.weights(call, left, right)
    asking.picked(call, left, right)
    for (mask, given), (one, number) in ((left, right), (right, left)):
        if one.items or given.requires_grad or not number.requires_grad:
            continue
        shape, by, place = _taken(one)
        several = sum(axis.size > 1 for axis in mask.items) > 1
        if several and place and shape[: len(mask.shape)] == mask.shape and _is_mask(given):
            operand = call.described(mask, call.operand_text(0 if mask is left[0] else 1))
            call.emit(MaskLate(call.place, operand, shape, by, place))


def _taken(number: Axes) -> tuple[tuple[int, ...], str, Place | None]:
    """The shape of what a sum, a mean or a loss made one number of, which, and where."""
    average, summed = number.marks.average, number.marks.summed
    if average is not None:
        return tuple(axis.size for axis in average.axes), average.by, average.place
    if summed is not None and len(summed.dims) == len(summed.source.items):
        return summed.source.shape, summed.by, number.made_at
    return (), "", None


def _is_mask(values: Tensor) -> bool:
    """True for zeros and ones, some of each."""
    try:
        ones, zeros = values == 1, values == 0
        return bool((ones | zeros).all() and ones.any() and zeros.any())
    except RuntimeError:  # inside vmap or on the meta device there are no numbers
        return False
