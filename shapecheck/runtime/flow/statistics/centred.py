"""Outputs of a layer, centred by one mean over all samples and all outputs.

A dueling network (Wang et al. 2016, arXiv:1511.06581, equation 9) takes off the mean over the
actions of each state; `adv.mean()` takes one number of all states.
"""

from __future__ import annotations

from shapecheck.core.shares import TotalAdded
from shapecheck.core.standards import CentredByAll
from shapecheck.runtime.flow.axes import Axes
from shapecheck.runtime.flow.call import Call
from shapecheck.runtime.flow.marks import Statistic

_LESS = frozenset(("sub", "subtract", "__sub__", "__isub__"))
_PLUS = frozenset(("add", "__add__", "__radd__", "__iadd__"))


def by_all(call: Call, left: Axes, right: Axes) -> None:
    """A number of each sample's own is added to outputs that are less the mean of all of them."""
    if call.name in _PLUS:
        for one, other in ((left, right), (right, left)):
            standard = one.marks.standard
            if standard is not None and standard.scale is None and _column(other, one):
                _told(call, standard.centre)
    elif call.name in _LESS and left.made_by in _PLUS:
        taken = right.marks.statistic
        if taken is not None and taken.shape == left.shape and _same(left, taken.of):
            _told(call, taken)


def total(call: Call, left: Axes, right: Axes) -> None:
    """The sum of all entries of a table is added to one number for each of its rows.

    Taken off: what all the others have. Rows that are their own sums are compared with the whole.
    """
    if call.name not in _PLUS:
        return
    for one, other in ((left, right), (right, left)):
        done = one.marks.summed
        if one.items or done is None or done.by != "sum" or len(other.items) != 1:
            continue
        axes, mine = done.source.items, other.items[0]
        at = [i for i, axis in enumerate(axes) if axis.single is mine.single is not None]
        several = sum(axis.size > 1 for axis in axes) > 1 and len(done.dims) == len(axes)
        if len(at) == 1 and several and mine.size > 1 and not mine.grown:
            operand = call.described(done.source, "")
            met = call.described(other, call.operand_text(0 if other is left else 1))
            call.emit(TotalAdded(call.place, call.name, operand, met, at[0], done.place))


def _column(axes: Axes, beside: Axes) -> bool:
    """One number for each sample, from a layer of its own."""
    return axes.root.made_by == "linear" and axes.shape == (*beside.shape[:-1], 1)


def _same(left: Axes, of: Axes) -> bool:
    pairs = zip(left.items, of.items, strict=True)
    return len(left.items) == len(of.items) and all(a.single is b.single for a, b in pairs)


def _told(call: Call, taken: Statistic | None) -> None:
    """One mean of all samples and outputs of a linear layer."""
    if taken is None or taken.by != "mean" or taken.of.made_by != "linear":
        return
    if len(taken.shape) == 2 and len(taken.over) == 2:
        call.emit(CentredByAll(call.place, call.name, call.described(taken.of, ""), taken.place))
