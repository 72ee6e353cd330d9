"""Views: the same values with their axes in another order, merged, split, added or dropped."""

from __future__ import annotations

import ast
from dataclasses import replace

from torch import Tensor

from shapecheck.core.axis import Role
from shapecheck.core.facts import Reshape, Squeezed
from shapecheck.runtime.flow.attention import heads
from shapecheck.runtime.flow.axes import Axes, Axis, Identity, Part, view_of
from shapecheck.runtime.flow.call import Call, positive, shape_of
from shapecheck.runtime.flow.contracts import states
from shapecheck.runtime.flow.order.apart import DIAGONAL
from shapecheck.runtime.flow.order.factoring import (
    elsewhere,
    inside,
    merge,
    permuted,
    refactor,
    regrouped,
    severed,
    straddling,
    torn,
)
from shapecheck.runtime.flow.order.tables import told_as_table
from shapecheck.runtime.flow.register import flows
from shapecheck.runtime.flow.wording.reading import text_of
from shapecheck.runtime.flow.wording.targets import size_nodes

FAMILY = "views"
_NUMBERS = frozenset(("rand", "randn", "randint", "zeros", "ones", "full", "empty", "tensor"))


@flows(FAMILY, "transpose swapaxes swapdims")
def transpose(call: Call) -> Axes:
    """Exchange two axes."""
    axes = list(call.axes(call.args[0]))
    a = positive(call.get(1, "dim0", call.kwargs.get("axis0", 0)), len(axes))
    b = positive(call.get(2, "dim1", call.kwargs.get("axis1", 0)), len(axes))
    if axes:
        axes[a], axes[b] = _turned(axes[b]), _turned(axes[a])
    return call.moved(axes, call.track(call.args[0]))


def _turned(axis: Axis) -> Axis:
    """An axis of size one that was moved on purpose: what has it is to meet others along it."""
    came = axis.grown in ("", "written", "pool", "slice")  # not asked for by itself
    return replace(axis, grown="turned") if axis.size == 1 and came else axis


@flows(FAMILY, "t T mT H mH adjoint")
def turned(call: Call) -> Axes:
    """`.t()`, `.T`, `.mT`: the last two axes exchanged, or all in reverse."""
    axes = call.axes(call.args[0])
    if call.name == "T":
        return call.moved(map(_turned, axes[::-1]), call.track(call.args[0]))
    if len(axes) < 2:
        return call.moved(axes, call.track(call.args[0]))
    last = _turned(axes[-1]), _turned(axes[-2])
    return call.moved((*axes[:-2], *last), call.track(call.args[0]))


@flows(FAMILY, "permute")
def permute(call: Call) -> Axes:
    """Axes in a given order."""
    axes = call.axes(call.args[0])
    order = call.ints(1, "dims") or ()
    moved = [axes[d] if d in (i, i - len(axes)) else _turned(axes[d]) for i, d in enumerate(order)]
    return call.moved(moved, call.track(call.args[0]))


@flows(FAMILY, "movedim moveaxis")
def movedim(call: Call) -> Axes:
    """Some axes moved, the others in their order."""
    axes = call.axes(call.args[0])
    old, new = call.get(1, "source"), call.get(2, "destination")
    sources = [positive(d, len(axes)) for d in (old if isinstance(old, (tuple, list)) else (old,))]
    targets = [positive(d, len(axes)) for d in (new if isinstance(new, (tuple, list)) else (new,))]
    rest = iter([i for i in range(len(axes)) if i not in sources])
    order = [sources[targets.index(i)] if i in targets else next(rest) for i in range(len(axes))]
    return call.moved([axes[i] for i in order], call.track(call.args[0]))


@flows(FAMILY, "unsqueeze")
def unsqueeze(call: Call) -> Axes:
    """An axis of size one added."""
    axes = list(call.axes(call.args[0]))
    at = positive(call.get(1, "dim"), len(axes) + 1)
    axes.insert(at, call.fresh(1, grown="unsqueeze"))
    return call.moved(axes, call.track(call.args[0]))


@flows(FAMILY, "squeeze")
def squeeze(call: Call) -> Axes:
    """Axes of size one dropped: all of them, or those named."""
    source = call.track(call.args[0])
    axes = source.items
    dims = call.ints(1, "dim")
    if dims is not None:
        named = {positive(d, len(axes)) for d in dims}
        kept = [a for i, a in enumerate(axes) if i not in named or a.size != 1]
        return call.moved(kept, source)
    removed = tuple(a for a in axes if a.size == 1)
    result = call.moved([a for a in axes if a.size != 1], source)
    telling = tuple(a for a in removed if a.evidence and a.grown in ("", "turned"))
    if telling:
        result.lost = (*source.lost, *telling)
    risk = tuple(a for a in axes if a.size > 1 and _role(a) in (Role.BATCH, Role.TIME))
    if (telling or risk) and removed:
        views = tuple(view_of(a) for a in telling), tuple(view_of(a) for a in risk)
        nominal = call.tracker.partial_batch()[1]
        left = len(result.items)
        operand = call.operand(call.args[0])
        call.emit(Squeezed(call.place, operand, *views, kept=left, nominal=nominal))
    return result


def _role(axis: Axis) -> Role | None:
    return axis.single.role()[0] if axis.single is not None else None


@flows(FAMILY, "flatten ravel")
def flatten(call: Call) -> Axes:
    """Neighbouring axes merged into one."""
    source = call.track(call.args[0])
    axes = source.items
    if not axes:
        return call.moved([call.fresh(1, grown="view")], source)
    start = positive(call.get(1, "start_dim", 0), len(axes))
    end = positive(call.get(2, "end_dim", -1), len(axes))
    if call.name == "ravel":
        start, end = 0, len(axes) - 1
    if 0 in source.shape:
        return call.unknown(shape_of(call.result))
    merged = axes[start] if start == end else merge(axes[start : end + 1])
    return call.moved((*axes[:start], merged, *axes[end + 1 :]), source)


@flows(FAMILY, "unflatten")
def unflatten(call: Call) -> Axes:
    """One axis taken apart."""
    source = call.track(call.args[0])
    shape = shape_of(call.result)
    at = positive(call.get(1, "dim"), len(source.items))
    count = len(shape) - len(source.items) + 1
    return _reshaped(call, source, shape, 2, "sizes", first=at, count=count)


@flows(FAMILY, "view reshape view_as reshape_as _unsafe_view")
def view(call: Call) -> Axes:
    """The values in memory order under another shape."""
    source = call.track(call.args[0])
    if isinstance(call.result, Tensor) and not _sizes_given(call):  # view(dtype), view_as(other)
        other = call.get(1, "other")
        if not isinstance(other, Tensor):
            same = shape_of(call.result) == source.shape
            return call.moved(source.items, source) if same else call.unknown(call.shape)
    return _reshaped(call, source, shape_of(call.result), 1, "shape", first=0, count=None)


def _sizes_given(call: Call) -> bool:
    return bool(call.ints(1, "shape") or call.ints(1, "size") or call.args[1:] == ((),))


def _reshaped(
    call: Call,
    source: Axes,
    shape: tuple[int, ...],
    position: int,
    name: str,
    *,
    first: int,
    count: int | None,
) -> Axes:
    """Axes `first`… of the source under `count` target axes; facts about what was meant."""
    if 0 in shape:
        return call.unknown(shape)
    held, crossed = refactor(source.items, shape)
    nodes = size_nodes(call, position, name, len(shape) if count is None else count)
    nodes = (None,) * first + nodes + (None,) * (len(shape) - first - len(nodes))
    split = any(map(_splits, nodes))
    pieces = torn(held) if _exchanges(source.items, shape) and not split else []
    counted = any(map(_divides, nodes)) or source.root.made_by in _NUMBERS
    between = () if counted else straddling(source.items, held)
    held = severed(held, between)
    cut = {*crossed, *pieces, *between, *states.torn(source, held)}
    crossed = tuple(sorted(cut - inside(source.items, shape)))
    result = call.moved(held, source)
    wanted = [
        call.tracker.sizes.speaks_of(node, call.frames, shape[i]) if node is not None else None
        for i, node in enumerate(nodes)
    ]
    result.items = tuple(_written_one(axis, node) for axis, node in zip(held, nodes, strict=True))
    misplaced = tuple(
        i for i, w in enumerate(wanted) if w is not None and elsewhere(w, i, held, source.items)
    )
    if not misplaced and not crossed:
        _adopt(held, wanted, crossed)
    states.taken_apart(call, source, held, nodes)
    heads.taken_apart(call, source, held)
    fact = _report(call, source, shape, nodes, held, wanted, crossed, misplaced)
    if fact is not None and fact.permuted and not misplaced and _mere_numbers(source, wanted):
        result.marks = replace(result.marks, waiting=fact)  # until something computes with it
    elif fact is not None:
        call.emit(fact)
    return result


def _exchanges(source: tuple[Axis, ...], shape: tuple[int, ...]) -> bool:
    """True where the sizes are those of the source in another order, merged or not.

    Not where one axis is split and its inner part merged: frames stacked by threes.
    """
    return permuted(source, shape) or regrouped(source, shape)


def _splits(node: ast.expr | None) -> bool:
    """True for a size that says how an axis is split: `frames // 3`, `batch * heads`."""
    return isinstance(node, ast.BinOp) and isinstance(node.op, (ast.FloorDiv, ast.Mult))


def _divides(node: ast.expr | None) -> bool:
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.FloorDiv)


def _written_one(axis: Axis, node: ast.AST | None) -> Axis:
    literal = isinstance(node, ast.Constant) and node.value == 1
    return replace(axis, grown="view") if literal and axis.size == 1 and not axis.evidence else axis


def _adopt(held: tuple[Axis, ...], wanted: list[Identity | None], crossed: tuple[int, ...]) -> None:
    """An axis of which nothing is known is what its size variable says."""
    for i, identity in enumerate(wanted):
        single = held[i].single
        if identity is None or single is None or single is identity or i in crossed:
            continue
        for name, place in identity.names.items():
            single.names.setdefault(name, place)
        role, sure = single.role()
        if role is None or not sure:
            for witness in identity.declared:
                single.witness(witness)


def _report(
    call: Call,
    source: Axes,
    shape: tuple[int, ...],
    nodes: tuple[ast.expr | None, ...],
    held: tuple[Axis, ...],
    wanted: list[Identity | None],
    crossed: tuple[int, ...],
    misplaced: tuple[int, ...],
) -> Reshape | None:
    literal = tuple(
        i for i, n in enumerate(nodes) if isinstance(n, ast.Constant) and type(n.value) is int
    )
    batched = [i for i in literal if shape[i] > 1 and _role(held[i]) is Role.BATCH]
    turned, mixed = permuted(source.items, shape), regrouped(source.items, shape)
    if not (crossed or misplaced or batched or turned or mixed):
        return None
    products = tuple(
        i for i, n in enumerate(nodes) if isinstance(n, ast.BinOp) and isinstance(n.op, ast.Mult)
    )
    operand = call.described(source, call.operand_text(0))
    return Reshape(
        place=call.place,
        operation=call.name,
        source=operand,
        target=shape,
        texts=tuple(text_of(node) for node in nodes),
        held=tuple(view_of(axis) for axis in held),
        wanted=tuple(
            None if w is None else view_of(Axis((Part(w, shape[i]),))) for i, w in enumerate(wanted)
        ),
        crossed=crossed,
        misplaced=misplaced,
        literal=literal,
        products=products,
        permuted=turned,
        regrouped=mixed,
        counted=source.root.made_by in ("arange", "range", "linspace"),
    )


def _mere_numbers(source: Axes, wanted: list[Identity | None]) -> bool:
    """True for numbers just made of which nothing is said: views of them may be a lesson on views.

    What is asked for by names of sizes is no lesson.
    """
    told = any(axis.evidence for axis in source.items if axis.size > 1)
    return source.root.made_by in _NUMBERS and not told and not any(wanted)


@flows(FAMILY, "diagonal diag diag_embed tril triu")
def triangles(call: Call) -> Axes:
    """`tril` and `triu` keep their axes; a diagonal has one axis, which is both of its square."""
    source = call.track(call.args[0])
    shape = shape_of(call.result)
    if call.name in ("diagonal", "diag"):
        told_as_table(call, source)
    if shape == source.shape and call.name in ("tril", "triu"):
        return call.moved(source.items, source)
    if len(source.items) == 2 and len(shape) == 1:
        one = source.items[0].single
        if one is not None and one is source.items[1].single and source.shape == 2 * shape:
            return call.new((source.items[0].plain(),))
        return call.new((Axis((Part(Identity(DIAGONAL, call.place), *shape),)),))
    return call.unknown(shape)


@flows(FAMILY, "view_as_real view_as_complex real imag")
def complex_parts(call: Call) -> Axes:
    """Axes as they were, with or without one for the two parts."""
    source, shape = call.track(call.args[0]), shape_of(call.result)
    rank = min(len(shape), len(source.items))
    extra = [call.fresh(size) for size in shape[rank:]]
    return call.new((*source.items[:rank], *extra))
