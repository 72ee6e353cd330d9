"""Axes that a softmax or a norm ran over, where an operation goes along another one."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from typing import Any

from torch import Tensor

from shapecheck.core.axis import Role
from shapecheck.core.facts import Normalised, NormalisedApart
from shapecheck.core.site import Place
from shapecheck.runtime.flow.axes import Axes, Axis, Identity, parts_of
from shapecheck.runtime.flow.call import Call, positive
from shapecheck.runtime.flow.wording.reading import text_of

Where = tuple[int, Place]
_FEATURES = (Role.FEATURE, Role.CHANNEL)
_OF_MODEL = {Role.FEATURE, Role.CHANNEL, Role.CLASS, Role.HEAD}
_COSINES = re.compile(
    r"cosine|similarit|(?:\b|_)sims?(?:\b|_)|contrastive|nt_?xent|info_?nce", re.IGNORECASE
)


def softmaxed(axes: Axes) -> Where | None:
    """The one axis of these that a softmax ran over, and where."""
    found = [(i, a.normalised) for i, a in enumerate(axes.items) if a.normalised]
    return found[0] if len(found) == 1 else None


def unit(axes: Axes) -> Where | None:
    """The one axis along which these were divided by their norm, and where."""
    found = [(i, a.unit) for i, a in enumerate(axes.items) if a.unit]
    return found[0] if len(found) == 1 else None


def by_own(
    call: Call, tensors: list[tuple[int, Tensor]], axes: tuple[Axis, ...]
) -> tuple[Axis, ...]:
    """`x / x.sum(dim, keepdim=True)` is a normalisation over dim, `x / x.norm(…)` likewise."""
    if len(tensors) != 2:
        return axes
    left, right = call.track(tensors[0][1]), call.track(tensors[1][1])
    axes = tuple(
        replace(axis, normalised=None, product="")
        if axis.normalised and not _normalised(left, i - len(axes))
        else axis
        for i, axis in enumerate(axes)
    )
    if right.reduced is None or right.reduced.root is not left.root:
        return tuple(axis for axis in axes)
    if len(left.items) != len(right.items) or left.shape != tuple(a.size for a in axes):
        return axes
    if right.reduced_by in ("sum", "nansum"):
        change: dict[str, Any] = {"normalised": call.place, "product": ""}
    elif right.reduced_by in ("norm", "vector_norm"):
        change = {"unit": call.place}
    else:
        return axes
    made = tuple(
        replace(axis, **change)
        if right.items[i].grown == "keepdim"
        and left.items[i].size > 1
        and not ("normalised" in change and _pushes(left, i))
        else axis
        for i, axis in enumerate(axes)
    )
    over = [i for i, axis in enumerate(made) if axis.normalised == call.place]
    if _drawn(call, left, over):
        return made
    for i, axis in enumerate(left.items):
        if over and i not in over and axis.normalised is not None:  # rows and columns in turn
            call.withdraw(Normalised, axis.normalised)
    if left.made_by == "exp" and len(over) == 1:  # a softmax by hand
        call.emit(Normalised(call.place, "softmax", call.operand(tensors[0][1]), over[0]))
    return made


def _drawn(call: Call, shares: Axes, over: list[int]) -> bool:
    """A distribution over classes makes shares of its last axis, whatever axis they were of."""
    one, node = softmaxed(shares), call.expression
    named = isinstance(node, ast.Call) and text_of(node.func).endswith("Categorical")
    if one is None or not named or over in ([], [one[0]]):
        return False
    operand = call.described(shares, call.argument_text("probs"))
    places = (one[1], call.place)
    found = NormalisedApart(
        call.place, "Categorical", operand, operand, (one[0], over[0]), places, over[0]
    )
    call.emit(found)
    return True


def _normalised(axes: Axes, from_the_end: int) -> bool:
    """True where an axis adds up to one by itself: what is divided by such a thing does not."""
    there = -from_the_end <= len(axes.items)
    return there and axes.items[from_the_end].normalised is not None


def _pushes(links: Axes, at: int) -> bool:
    """True for what links things of one kind: a node may share out what it has among those that it
    leads to (columns that add up to one), as well as take a mean. Not for scores of attention."""
    one = links.items[at].single
    others = [axis.single for i, axis in enumerate(links.items) if i != at]
    return one is not None and one in others and links.made_by != "exp"


def compared(call: Call, left: Axes, right: Axes) -> None:
    """A loss compares two distributions index by index: they must run along one axis."""
    one, other = softmaxed(left), softmaxed(right)
    if one is None or other is None or left.shape != right.shape or one[0] == other[0]:
        return
    _emit(call, left, right, one, other, None)


def contracted(call: Call, left: Axes, right: Axes, at: int = -1, to: int = -2) -> None:
    """A product of unit vectors sums over an axis: theirs, if it is to give cosines.

    `at` and `to` are the axes of the two that are summed. Told where one operand was normalised
    along what is summed and the other was not; or where vectors that a layer made were normalised
    across the samples, and then are compared among themselves. Data whose columns were scaled to
    length one may well be multiplied with anything.
    """
    at, to = positive(at, len(left.items)), max(positive(to, len(right.items)), 0)
    one, other = unit(left), unit(right)
    sides = (left, one, at), (right, other, to)
    if _amiss(call, *sides):
        assert one is not None
        _emit(call, left, right, one, other or (to, one[1]), at)
    elif _amiss(call, *sides[::-1]):
        assert other is not None
        _emit(call, right, left, other, one or (at, other[1]), to, text=1)


def multiplied(call: Call, source: Axes, at: int) -> None:
    """Two tensors were multiplied index by index, and the products are summed over an axis.

    Not a tensor with itself: the leverage of a sample is a sum over columns of length one.
    """
    factors = source.marks.factors
    if len(factors) != 2 or factors[0].root is factors[1].root:
        return
    if factors[0].shape == factors[1].shape == source.shape:
        contracted(call, *factors, at, at)


def distances(call: Call, *vectors: Axes) -> None:
    """Distances sum over the last axis: vectors of length one are so along it."""
    first = vectors[0]
    at, one = len(first.items) - 1, unit(first)
    if one is None or any(unit(each) is None for each in vectors):
        return
    if one[0] != at and _of_samples(call, first, one[0], at):
        _emit(call, first, vectors[1], one, one, at)


Side = tuple[Axes, Where | None, int]


def _amiss(call: Call, side: Side, beside: Side) -> bool:
    """True where one side has length one across the axis that it keeps, and is to give cosines."""
    (axes, normalised, summed), (other, unit_of_other, to) = side, beside
    if normalised is None or normalised[0] == summed:
        return False
    if unit_of_other is not None and unit_of_other[0] == to:
        return True
    both = unit_of_other is not None
    if both and _said(call):
        return True
    made = _of_samples(call, axes, normalised[0], summed)
    return made and (both or _vectors(call, other, to))


def _of_samples(call: Call, axes: Axes, normalised: int, summed: int) -> bool:
    """True where a layer made the axis that is summed, and not the one that was normalised."""
    model = _OF_MODEL & {i.role()[0] for i in parts_of(axes.items[normalised])}
    made = layered(call, axes.items[summed])
    return made and not (layered(call, axes.items[normalised]) or model)


def _vectors(call: Call, axes: Axes, summed: int) -> bool:
    """True for vectors that a layer made, one for each index of some other axis: no weight."""
    others = [axis for i, axis in enumerate(axes.items) if i != summed and axis.size > 1]
    made = layered(call, axes.items[summed])
    return made and not all(layered(call, axis) for axis in others)


def layered(call: Call, axis: Axis) -> bool:
    """True for an axis that a layer made: as such, or named as features, of what is trained."""
    trained = isinstance(call.result, Tensor) and call.result.requires_grad
    for identity in map(_whole, parts_of(axis)):
        named = trained and identity.origin == "size variable"
        if identity.origin.startswith("nn.") or (named and identity.role()[0] in _FEATURES):
            return True
    return False


def _whole(identity: Identity) -> Identity:
    while identity.parent is not None:
        identity = identity.parent[0]
    return identity


def _said(call: Call) -> bool:
    """True where the code says that it compares."""
    names = [frame.f_code.co_qualname for frame in call.frames[:1]]
    node, source = call.expression, call.source
    line = source.lines[node.lineno - 1] if source and node and hasattr(node, "lineno") else ""
    return any(_COSINES.search(text) for text in (*names, line))


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
    one: Where,
    other: Where,
    summed: int | None,
    text: int = 0,
) -> None:
    said = "" if call.name == "sum" else call.operand_text(text + (call.name == "einsum"))
    operands = (call.described(left, said), call.described(right))
    positions, places = (one[0], other[0]), (one[1], other[1])
    call.emit(NormalisedApart(call.place, call.name, *operands, positions, places, summed))
