"""Axes that a softmax or a norm ran over, where an operation goes along another one."""

from __future__ import annotations

from torch import Tensor

from shapecheck.core.axis import Role
from shapecheck.core.facts import NormalisedApart
from shapecheck.core.site import Place
from shapecheck.runtime.flow.axes import Axes
from shapecheck.runtime.flow.call import Call

Normalised = tuple[int, Place]


def softmaxed(axes: Axes) -> Normalised | None:
    """The one axis of these that a softmax ran over, and where."""
    found = [(i, a.normalised) for i, a in enumerate(axes.items) if a.normalised]
    return found[0] if len(found) == 1 else None


def unit(axes: Axes) -> Normalised | None:
    """The one axis along which these were divided by their norm, and where."""
    found = [(i, a.unit) for i, a in enumerate(axes.items) if a.unit]
    return found[0] if len(found) == 1 else None


def compared(call: Call, left: Axes, right: Axes) -> None:
    """A loss compares two distributions index by index: they must run along one axis."""
    one, other = softmaxed(left), softmaxed(right)
    if one is None or other is None or left.shape != right.shape or one[0] == other[0]:
        return
    _emit(call, left, right, one, other, None)


def contracted(call: Call, left: Axes, right: Axes) -> None:
    """A product of unit vectors sums over an axis: theirs, if it is to give cosines.

    Told where one operand was normalised along what is summed and the other was not, or where
    one was normalised over the batch and samples are not what is summed.
    """
    at, to = len(left.items) - 1, max(len(right.items) - 2, 0)
    one, other = unit(left), unit(right)
    if one is not None and one[0] != at and (_summed(other, to) or _is_batch(left, one[0])):
        _emit(call, left, right, one, other or (to, one[1]), at)
    elif other is not None and other[0] != to and (_summed(one, at) or _is_batch(right, other[0])):
        _emit(call, right, left, other, one or (at, other[1]), to)


def _summed(normalised: Normalised | None, at: int) -> bool:
    return normalised is not None and normalised[0] == at


def _is_batch(axes: Axes, at: int) -> bool:
    identity = axes.items[at].single
    return identity is not None and identity.role() == (Role.BATCH, True)


def gathered(call: Call, source: Axes, index: Axes, at: int) -> None:
    """One entry of each distribution is picked: along its own axis, not across others.

    An index that was spread along the distribution takes all of it, from one step say.
    """
    one = softmaxed(source)
    if one is None or one[0] == at or len(index.items) != len(source.items):
        return
    along = index.items[one[0]]
    # Of axes merged, `(time * env)`, all must be the distribution's own.
    parts = [part.identity for part in along.parts]
    own = parts == [part.identity for part in source.items[one[0]].parts]
    copied = any(each.origin.startswith(("expand", "repeat")) for each in parts)
    spread = not parts or copied or (along.single is None and not own)
    # Attention over steps may be picked by class; nothing but a class has a log-likelihood.
    same = own and source.made_by != "log_softmax"
    picks = index.items[at].size == 1 and along.size == source.shape[one[0]]
    if picks and not (spread or same or _alike(call.get(2, "index"), one[0])):
        _emit(call, source, index, one, one, at)


def _alike(index: object, along: int) -> bool:
    """True for an index that is the same all along an axis: of it, everything is taken."""
    return isinstance(index, Tensor) and bool((index == index.narrow(along, 0, 1)).all())


def _emit(
    call: Call,
    left: Axes,
    right: Axes,
    one: Normalised,
    other: Normalised,
    summed: int | None,
) -> None:
    operands = (call.described(left, call.operand_text(0)), call.described(right))
    positions, places = (one[0], other[0]), (one[1], other[1])
    call.emit(NormalisedApart(call.place, call.name, *operands, positions, places, summed))
