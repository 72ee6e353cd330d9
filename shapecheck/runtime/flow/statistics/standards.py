"""Tensors that are centred by statistics of their own, and scaled by others."""

from __future__ import annotations

import linecache
import re
from dataclasses import replace

from torch import Tensor
from torch.nn import Parameter

from shapecheck.core.standards import StandardisedApart
from shapecheck.runtime.flow.axes import Axes
from shapecheck.runtime.flow.call import Call
from shapecheck.runtime.flow.marks import Marks, Standard, Statistic
from shapecheck.runtime.flow.statistics import columns

_CENTRES = frozenset(("mean", "nanmean", "median"))
_LARGEST = frozenset(("max", "amax"))
_SPREADS = frozenset(("var", "std"))
_SPREAD_WORDS = re.compile(r"var|std|dev|sigma|spread", re.IGNORECASE)
_ADDED_UP = frozenset(("mean", "sum", "nanmean", "nansum"))
_DIFFERENCES = frozenset(("sub", "subtract", "__sub__", "__isub__"))
_SCALES = frozenset((
    "div", "divide", "true_divide", "__truediv__", "__itruediv__", "mul", "multiply", "__mul__",
    "__imul__",
))  # fmt: skip
_GAINS = _SCALES | {"__rmul__", "add", "__add__", "__radd__"}


def data_of(axes: Axes) -> tuple[Axes, ...]:
    """What a tensor is a view of, and what that is a centred or scaled version of."""
    standard = axes.marks.standard
    own = (axes.root,) if standard is None else (axes.root, standard.of)
    return own if axes.marks.gram is None else (*own, *axes.marks.gram)


def taken(call: Call, source: Axes, dims: set[int], marks: Marks) -> Marks:
    """The marks of a statistic of `source` over its axes `dims`."""
    standard = source.marks.standard
    of = standard.of if standard is not None else source.root
    by = call.name
    spread = by in _SPREADS or (by in _ADDED_UP and standard is not None)
    if not spread and by not in _CENTRES | _LARGEST:
        return replace(marks, statistic=None, standard=None)
    over = frozenset(i for i in dims if source.shape[i] > 1)
    gone = tuple(source.items[i] for i in sorted(over))
    unlike = by == "mean" and not spread and columns.unlike(call, source, over)
    found = Statistic(of, source.shape, over, by, spread, call.place, gone, unlike)
    return replace(marks, statistic=found, standard=None)


def met(call: Call, left: tuple[Axes, Tensor], right: tuple[Axes, Tensor], result: Axes) -> None:
    """A tensor is less its own mean, divided by its own spread, or given a gain."""
    (whole, _), (part, _) = left, right
    statistic, standard = part.marks.statistic, whole.marks.standard
    of = standard.of if standard is not None else whole.root
    if statistic is not None and statistic.of is of and whole.shape == result.shape:
        if call.name in _DIFFERENCES and not statistic.spread and standard is None:
            _mark(result, Standard(of, statistic, None))
        elif call.name in _SCALES and statistic.spread and standard is not None:
            done = replace(standard, scale=statistic)
            _mark(result, done)
            _check(call, done, whole, call.operand_text(0), trained=False)
            columns.standardised(call, done, whole)
        return
    centre, of = whole.marks.statistic, part.root
    if call.name in _DIFFERENCES and centre is not None and centre.of is of:
        if not centre.spread and part.marks.standard is None and part.shape == result.shape:
            _mark(result, Standard(of, centre, None))  # the mean, less the tensor itself
        return
    for (one, _), (_, given), at in ((left, right, 0), (right, left, 1)):
        held = one.marks.standard
        if call.name in _GAINS and held is not None and isinstance(given, Parameter):
            _check(call, held, one, call.operand_text(at), trained=True)


def _length(scale: Statistic) -> bool:
    """Vectors scaled to length one, after something was taken off: PairNorm (arXiv:1909.12223).

    What is called a variance is meant to be one.
    """
    said = linecache.getline(scale.place.file, scale.place.line)
    along = scale.by in _ADDED_UP and scale.over == {len(scale.shape) - 1}
    return along and not _SPREAD_WORDS.search(said)


def _mark(result: Axes, standard: Standard) -> None:
    result.marks = replace(result.marks, standard=standard)


def _check(call: Call, standard: Standard, whole: Axes, text: str, *, trained: bool) -> None:
    """Told where neither set of axes holds the other; in a layer that normalises, where they
    differ. A softmax by hand takes off one number for each sum, at most."""
    centre, scale = standard.centre, standard.scale
    if centre is None or scale is None or centre.shape != scale.shape:
        return
    largest = centre.by in _LARGEST
    if largest:
        amiss = not scale.over <= centre.over and scale.by in _ADDED_UP
    elif trained:
        amiss = centre.over != scale.over
    else:
        amiss = not (centre.over <= scale.over or scale.over <= centre.over or _length(scale))
    if amiss:
        over = (tuple(sorted(centre.over)), tuple(sorted(scale.over)))
        operand = call.described(whole, text)
        places = (centre.place, scale.place)
        call.emit(
            StandardisedApart(
                call.place, call.name, operand, centre.by, over, places, trained, largest
            )
        )
