"""Probabilities: what they add up to, and the entropy, which is a sum over their own axis."""

from __future__ import annotations

from dataclasses import replace

from shapecheck.core.shares import EntropyApart, SharesAdded
from shapecheck.runtime.flow.axes import Axes, view_of
from shapecheck.runtime.flow.call import Call
from shapecheck.runtime.flow.marks import Marks, Scored
from shapecheck.runtime.flow.statistics.normalised import softmaxed

KIND = "entropy"  # the product of shares and their own logarithms
_LITTLE = 1e-3
_LOGARITHMS = frozenset(("log", "log2", "log10"))
_SOFTMAXES = frozenset(("softmax", "_softmax"))
_SHIFTS = frozenset(("add", "__add__", "__radd__", "clamp", "clamp_min"))
# What takes them for the entropy of each sample; a sum of all entries does not care.
_USES = (
    "mean max min amax argmax argmin topk sort argsort sub __sub__ __rsub__ std var quantile "
    "tolist __gt__ __lt__ gt lt __getitem__ median"
)
_USED = frozenset(_USES.split())


def shifted(call: Call, source: Axes, result: Axes) -> None:
    """`p + 1e-8`, `p.clamp(min=1e-8)`: p, but for a little."""
    least = call.get(1, "other", call.kwargs.get("min"))
    if call.name not in _SHIFTS or not isinstance(least, float) or not 0 < least <= _LITTLE:
        return
    if softmaxed(source) is not None and source.root.marks.nearly is None:
        result.marks = replace(result.marks, nearly=source.root)


def logarithm(call: Call, source: Axes, result: Axes) -> None:
    """The logarithm of probabilities, or of what is nearly they."""
    if call.name in _LOGARITHMS and softmaxed(source) is not None:
        result.marks = replace(result.marks, nearly=source.marks.nearly or source.root)


def times_own(shares: Axes, others: Axes) -> bool:
    """True for probabilities times their own logarithms, entry by entry."""
    if shares.shape != others.shape:
        return False
    if others.made_by in _LOGARITHMS:
        return others.marks.nearly is shares.root
    mine, theirs = softmaxed(shares), softmaxed(others)
    both = mine is not None and theirs is not None and mine[0] == theirs[0]
    return both and shares.root.made_by in _SOFTMAXES and others.root.made_by == "log_softmax"


def added(call: Call, source: Axes, dims: set[int], marks: Marks) -> Marks:
    """The sum of such products over another axis, to be told where it is taken for entropies."""
    over = [i for i, axis in enumerate(source.items) if axis.product == KIND]
    if call.name != "sum" or len(dims) != 1 or len(over) != 1 or over[0] in dims:
        return marks
    own, summed = source.items[over[0]], source.items[next(iter(dims))]
    if own.normalised is None or summed.size == 1 or own.size == 1:
        return marks
    views = view_of(own), view_of(summed)
    fact = EntropyApart(call.place, call.name, views[0], own.normalised, views[1], True)
    return replace(marks, scored=Scored(fact, _USED))


def added_up(call: Call, source: Axes, dims: set[int]) -> None:
    """Record probabilities that are added up over their own axis and others: that is a constant."""
    over = [i for i in dims if source.items[i].normalised and not source.items[i].product]
    wide = [i for i, axis in enumerate(source.items) if axis.size > 1]
    if call.name not in ("sum", "mean") or len(over) != 1 or not set(wide) - dims:
        return
    axis, made = source.items[over[0]], source.root.made_by
    among = [i for i in wide if i in dims]
    if len(among) < 2 or axis.single is None or axis.single.sliced or made not in _SOFTMAXES:
        return
    if axis.size > 1 and axis.normalised is not None:
        operand = call.described(source, call.operand_text(0))
        call.emit(SharesAdded(call.place, call.name, operand, tuple(sorted(dims)), over[0], made))
