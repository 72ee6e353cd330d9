"""Axes that meet: broadcasting, joining tensors along an axis, and taking them apart again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from torch import Tensor

from shapecheck.core.facts import Alignment, at_odds
from shapecheck.runtime.flow.axes import Axes, Axis, Identity, parts_of, view_of
from shapecheck.runtime.flow.call import Call, positive, shape_of
from shapecheck.runtime.flow.register import flows

FAMILY = "joining and splitting"


def meet(call: Call, left: tuple[Axis, ...], right: tuple[Axis, ...]) -> tuple[Axis, ...]:
    """The axes of two operands broadcast together, aligned at their last axes."""
    rank = max(len(left), len(right))
    result = []
    for i in range(-rank, 0):
        a = left[i] if -i <= len(left) else None
        b = right[i] if -i <= len(right) else None
        result.append(both(a, b))
    return tuple(result)


def both(a: Axis | None, b: Axis | None) -> Axis:
    """The axis that two aligned axes give. What is known wins over what is not."""
    if a is None or b is None:
        kept = a if a is not None else b
        assert kept is not None
        return kept
    if a is b or a == b:
        return a
    if a.size == 1 and b.size != 1:
        return b
    if b.size == 1 and a.size != 1:
        return a
    tag = a.normalised or b.normalised
    kept = a if a.evidence or not b.evidence else b
    if a.evidence and b.evidence and a.single is not None and b.single is not None:
        (ra, sa), (rb, sb) = a.single.role(), b.single.role()
        if rb is not None and (ra is None or (sb and not sa)):
            kept = b
    if tag != kept.normalised:
        return replace(kept, normalised=tag)
    return kept


def aligned(call: Call, left: Tensor, right: Tensor, at: tuple[int, int] = (0, 1)) -> None:
    """Record axes that meet index by index though they are known to differ in meaning."""
    a, b = call.axes(left), call.axes(right)
    for i in range(-min(len(a), len(b)), 0):
        differing(call, (left, i), (right, i), at)


def differing(
    call: Call, left: tuple[Tensor, int], right: tuple[Tensor, int], at: tuple[int, int] = (0, 1)
) -> None:
    """Record one pair of axes that are used as one though they are known to differ."""
    a, b = call.axes(left[0])[left[1]], call.axes(right[0])[right[1]]
    if a.size != b.size or a.size == 1:
        return
    same = call.track(left[0]).root is call.track(right[0]).root  # a tensor beside its own view
    elsewhere = "" if same else _order(a, b)
    if a.single is not None and b.single is not None:
        if a.single is b.single or a.single.shared or b.single.shared:
            return
        elsewhere = _elsewhere(call, left, right)
        if not elsewhere and not at_odds(a.single.role()[0], b.single.role()[0]):
            return
    elif not elsewhere:
        return
    call.emit(
        Alignment(
            call.place,
            call.name,
            call.operand(left[0], at[0]),
            call.operand(right[0], at[1]),
            (view_of(a), view_of(b)),
            (
                positive(left[1], len(call.axes(left[0]))),
                positive(right[1], len(call.axes(right[0]))),
            ),
            elsewhere,
        )
    )


def _order(a: Axis, b: Axis) -> str:
    """`order`: both hold the same axes flattened, in another order."""
    one, other = list(parts_of(a)), list(parts_of(b))
    if len(one) < 2 or one == other or any(part.shared for part in one):
        return ""
    same = {id(part) for part in one} == {id(part) for part in other}
    return "order" if same and len(set(one)) == len(one) == len(other) else ""


def _elsewhere(call: Call, left: tuple[Tensor, int], right: tuple[Tensor, int]) -> str:
    """How an axis that should have met stands at another position of the other operand.

    `exchanged`: both operands have both axes, the other way round. `weight`: a layer was made for
    an axis that its input has elsewhere. `displaced`: the axis of one operand stands elsewhere in
    the other, where nothing meets it, and something else is known to stand here. `apart`: the
    two were declared under different names in one call. Empty where none holds.
    """
    one, other = call.track(left[0]), call.track(right[0])
    a, b = one.items[left[1]].single, other.items[right[1]].single
    left_has = [axis.single for axis in one.items]
    right_has = [axis.single for axis in other.items]
    if one.root is other.root or a is None or b is None:
        return ""
    if call.name in _WEIGHTED:
        return "weight" if left_has.count(b) == 1 else ""
    if left_has.count(b) == right_has.count(a) == 1 and len(left_has) == len(right_has):
        return "exchanged" if left_has.index(b) == right_has.index(a) else ""
    if (a.evidence and _unmet(one, other, b)) or (b.evidence and _unmet(other, one, a)):
        return "displaced"
    return "apart" if a.declared_in is not None and a.declared_in is b.declared_in else ""


def _unmet(larger: Axes, smaller: Axes, identity: Identity) -> bool:
    """True where an axis stands once in `larger`, and nothing of `smaller` meets it there."""
    places = [i for i, axis in enumerate(larger.items) if axis.single is identity]
    if len(places) != 1:
        return False
    from_the_end = places[0] - len(larger.items)
    return -from_the_end > len(smaller.items) or smaller.items[from_the_end].size == 1


_WEIGHTED = ("linear", "conv1d", "conv2d", "conv3d")


def _tensors(call: Call) -> list[Tensor]:
    given = call.get(0, "tensors")
    items = given if isinstance(given, (list, tuple)) else [given]
    return [t for t in items if isinstance(t, Tensor)]


@flows(FAMILY, "cat concat concatenate hstack vstack dstack row_stack column_stack")
def cat(call: Call) -> Axes:
    """Tensors one after the other along an axis; the other axes meet."""
    shape = shape_of(call.result)
    operands = [call.axes(t) for t in _tensors(call)]
    if call.name in ("hstack", "vstack", "dstack", "row_stack", "column_stack"):
        wanted = {"hstack": 1 if len(shape) > 1 else 0, "dstack": 2, "column_stack": 1}
        at = wanted.get(call.name, 0)
    else:
        at = positive(call.get(1, "dim", call.kwargs.get("axis", 0)), len(shape))
    operands = [axes for axes in operands if len(axes) == len(shape)]
    if not operands or len(operands) != len(_tensors(call)):
        return call.unknown(shape)
    result = []
    for i, size in enumerate(shape):
        column = [axes[i] for axes in operands]
        if i == at:
            result.append(_joined(call, column, size))
            continue
        axis = column[0]
        for other in column[1:]:
            axis = both(axis, other)
        result.append(axis if axis.size == size else call.fresh(size))
    return call.new(result)


def _joined(call: Call, column: list[Axis], size: int) -> Axis:
    """The axis along which tensors were joined: theirs, if they agree."""
    known = [axis for axis in column if axis.evidence and axis.single is not None]
    if any(axis.evidence and axis.single is None for axis in column) or not known:
        return call.fresh(size)
    first = known[0]
    assert first.single is not None
    role = first.single.role()[0]
    for axis in known[1:]:
        assert axis.single is not None
        if axis.single is not first.single and (role is None or axis.single.role()[0] is not role):
            return call.fresh(size)
    if len(known) < len(column) and role is None:
        return call.fresh(size)
    if not first.single.sliced and all(a == first for a in column) and first.size > 1:
        return Axis((*call.fresh(len(column)).parts, *first.parts))  # the whole, several times
    return first.plain().with_size(size)


@flows(FAMILY, "stack")
def stack(call: Call) -> Axes:
    """Tensors side by side along a new axis."""
    shape = shape_of(call.result)
    operands = [call.axes(t) for t in _tensors(call)]
    at = positive(call.get(1, "dim", 0), len(shape))
    axes = operands[0]
    for other in operands[1:]:
        axes = tuple(both(a, b) for a, b in zip(axes, other, strict=True))
    return call.new((*axes[:at], call.fresh(shape[at]), *axes[at:]))


@flows(FAMILY, "atleast_1d atleast_2d atleast_3d", varies=True)
def atleast(call: Call) -> Any:
    """Left as it is where there are axes enough."""
    if not isinstance(call.result, Tensor):
        return None
    source, shape = call.track(call.args[0]), shape_of(call.result)
    return call.moved(source.items, source) if shape == source.shape else call.unknown(shape)


@flows(
    FAMILY,
    "split split_with_sizes chunk tensor_split unsafe_chunk unsafe_split hsplit vsplit",
    varies=True,
)
def split(call: Call) -> tuple[Axes, ...]:
    """Pieces of one axis; each piece is still that axis."""
    source = call.track(call.args[0])
    return tuple(
        call.moved(
            [a.with_size(s) for a, s in zip(source.items, shape_of(piece), strict=True)], source
        )
        for piece in call.result
    )


@flows(FAMILY, "unbind", varies=True)
def unbind(call: Call) -> tuple[Axes, ...]:
    """One tensor for each index of an axis; iterating over a tensor does this with the first."""
    source = call.track(call.args[0])
    at = positive(call.get(1, "dim", 0), len(source.items))
    rest = [a for i, a in enumerate(source.items) if i != at]
    piece = call.moved(rest, source)
    return (piece,) * len(call.result)


@flows(FAMILY, "meshgrid broadcast_tensors")
def grids(call: Call) -> tuple[Axes, ...]:
    """`meshgrid`: each axis from one operand; `broadcast_tensors`: the axes met."""
    given = call.args[0] if isinstance(call.args[0], (list, tuple)) else call.args
    operands = [call.axes(t) for t in given]
    if call.name == "broadcast_tensors":
        axes: tuple[Axis, ...] = ()
        for other in operands:
            axes = meet(call, axes, other)
        return (call.new(axes),) * len(call.result)
    axes = tuple(a for items in operands for a in (items or (call.fresh(1),)))
    if call.kwargs.get("indexing") != "ij" and len(axes) > 1:
        ij = [i.size for i in axes] == list(shape_of(call.result[0]))
        axes = axes if ij else (axes[1], axes[0], *axes[2:])
    return (call.new(axes),) * len(call.result)


@flows(FAMILY, "pad constant_pad_nd")
def pad(call: Call) -> Axes:
    """Axes made longer keep their identity; a padded one can be told by its size."""
    source, shape = call.track(call.args[0]), shape_of(call.result)
    if len(shape) != len(source.items):
        return call.unknown(shape)
    return call.new(a.with_size(s) for a, s in zip(source.items, shape, strict=True))
