"""Which layers and directions of a recurrent state the code picks."""

from __future__ import annotations

import ast

from torch import Tensor

from shapecheck.core.axis import Role
from shapecheck.core.stacked import LayersChosen, StackTakenApart
from shapecheck.runtime.flow.axes import Axes, Axis, Stack
from shapecheck.runtime.flow.call import Call
from shapecheck.runtime.flow.wording.reading import text_of

_SORTS = ("sort", "argsort", "topk", "randperm")
_MEASURES = frozenset(("shape", "size", "dim", "ndim", "dtype", "device", "numel"))


def layer(call: Call, axis: Axis, index: int | None) -> None:
    """One index of an axis was picked. Whoever asks for its shape alone uses nothing of it."""
    stack = _stack(axis)
    if stack is None:
        return
    if index is None:
        stack.whole = True
    elif not _only_measured(call):
        stack.picked.add(index % axis.size)


def several(axis: Axis, element: slice | None = None) -> None:
    """Some indices of an axis stayed: those of a slice, or nobody knows which."""
    stack = _stack(axis)
    if stack is None:
        return
    if element is None:
        stack.whole = True
        return
    kept = range(*element.indices(axis.size))
    if len(kept) < axis.size:
        stack.picked.update(kept)


def chosen(call: Call, source: Axes, at: int, index: Tensor) -> None:
    """Record entries of the layers that are chosen by an order of the samples.

    By as many indices as there are samples: beams kept by `topk`, sequences sorted by length.
    Whoever picks layers writes which.
    """
    axis = source.items[at]
    if _stack(axis) is None or at or len(source.items) != 3 or index.dim() != 1:
        return
    order = call.track(index)
    if order.shape[0] == source.shape[1] > 1 and _orders_samples(order):
        operands = call.described(source, call.operand_text(0)), call.described(order)
        call.emit(LayersChosen(call.place, call.name, *operands))


def _orders_samples(index: Axes) -> bool:
    entries = index.items[0].single
    if index.root.made_by in _SORTS or entries is None:
        return index.root.made_by in _SORTS
    return entries.origin in _SORTS or entries.role() == (Role.BATCH, True)


def torn(source: Axes, held: tuple[Axis, ...]) -> tuple[int, ...]:
    """Target axes of a reshape that hold a mere piece of the batch of a state beside other data.

    One piece with the layers, another with the hidden features: that the sizes divide is chance.
    """
    if source.state is None or len(source.items) != 3 or _stack(source.items[0]) is None:
        return ()
    batch = source.items[1].single
    found = tuple(
        i
        for i, axis in enumerate(held)
        if len(axis.parts) > 1
        and any(p.identity.parent and p.identity.parent[0] is batch for p in axis.parts)
    )
    return found if batch is not None and len(found) > 1 else ()


def taken_apart(
    call: Call, source: Axes, held: tuple[Axis, ...], nodes: tuple[ast.expr | None, ...]
) -> None:
    """Record which sizes the layers and directions of a state are read as."""
    found = {
        part.identity.parent[1]: (at, part.identity.parent)
        for at, axis in enumerate(held)
        for part in axis.parts
        if part.identity.parent is not None and part.identity.parent[0].stack is not None
    }
    if len(found) != 2 or found[0][0] == found[1][0]:
        return
    (outer, (identity, _, sizes)), (inner, _) = found[0], found[1]
    stack = identity.stack
    if stack is None or sizes[0] * sizes[1] != stack.layers * stack.directions:
        return
    texts = tuple(text_of(node) for node in nodes)
    call.emit(
        StackTakenApart(
            place=call.place,
            operation=call.name,
            source=call.described(source, call.operand_text(0)),
            stack=stack.view(),
            sizes=sizes,
            texts=(texts[outer], texts[inner]),
            all_texts=texts,
            first=outer,
        )
    )


def _stack(axis: Axis) -> Stack | None:
    return axis.single.stack if axis.single is not None else None


def _only_measured(call: Call) -> bool:
    node, source = call.expression, call.source
    if node is None or source is None:
        return False
    around = source.parent(node)
    return isinstance(around, ast.Attribute) and around.attr in _MEASURES
