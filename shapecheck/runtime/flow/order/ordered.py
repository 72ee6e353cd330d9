"""Operations that follow the order of an axis: sums so far, differences, neighbours by a slice."""

from __future__ import annotations

import ast
from contextlib import suppress
from typing import Literal

from torch import Tensor

from shapecheck.core.axis import Role
from shapecheck.core.facts import Ordered, Witness
from shapecheck.core.samples import counts_samples
from shapecheck.core.shares import RunsNowhere
from shapecheck.core.site import Place
from shapecheck.core.tracked import agreed
from shapecheck.runtime.flow.axes import Axes, Axis
from shapecheck.runtime.flow.call import Call

_RUNNING = frozenset(("cumsum", "cumprod", "cummax", "cummin", "logcumsumexp", "diff"))
_STEPS = frozenset(("t", "step", "timestep", "time_step", "time"))
End = Literal["", "head", "tail"]


def follows(call: Call, source: Axes, position: int, *, sliced: bool = False) -> None:
    """Record an operation that follows the order of the batch where there is a time axis."""
    if not 0 <= position < len(source.items):
        return
    axis = source.items[position]
    others = [other for i, other in enumerate(source.items) if i != position and other.size > 1]
    operand = call.described(source, call.operand_text(0))
    if _role(axis) is Role.BATCH and any(_role(other) is Role.TIME for other in others):
        call.emit(Ordered(call.place, call.name, operand, position, sliced=sliced))
    elif call.name in _RUNNING and axis.size > 1:
        read = _read_as_batch(axis, others)
        read = read or (_called_samples(axis, others) if position == 0 else None)
        shuffled = _shuffled(call, axis, others)
        if read is not None or shuffled is not None:
            fact = Ordered(call.place, call.name, operand, position, shuffled=shuffled, read=read)
            call.emit(fact)


def _read_as_batch(axis: Axis, others: list[Axis]) -> Witness | None:
    """What a layer said that read this axis as the batch, and another one of these as time."""
    if axis.single is None or axis.single.declared:
        return None
    batch = [w for w in axis.single.reads if w.role is Role.BATCH]
    if len(batch) < len(axis.single.reads):
        return None
    said = [w for other in others if other.single for w in other.single.reads]
    time = {w.place for w in said if w.role is Role.TIME}
    return next((w for w in batch if w.place in time), None)


def _called_samples(axis: Axis, others: list[Axis]) -> Witness | None:
    """The word that an annotation has for what counts samples, beside what is time for sure."""
    if axis.single is None or axis.single.shared or axis.single.role()[0] is not None:
        return None
    if axis.single.declared_in is None or not any(_role(other) is Role.TIME for other in others):
        return None
    words = ((name, at) for name, at in axis.single.names.items() if counts_samples(name))
    return next((Witness(Role.BATCH, at, f"`{name}` counts samples") for name, at in words), None)


def _shuffled(call: Call, axis: Axis, others: list[Axis]) -> Place | None:
    """Where samples were taken at random of which a layer made what follows one another here."""
    if axis.single is None or axis.single.arranged or axis.single.shuffled is None or not others:
        return None
    return None if call.tracker.guarded(_counts, call.get(0, "input")) else axis.single.shuffled


def _counts(values: Tensor) -> bool:
    """True for whole numbers, ones and zeros: sums of these count, `one_hot(i).cumsum(0)`."""
    with suppress(RuntimeError):  # inside vmap or on the meta device values cannot be read
        return not values.is_floating_point() or bool((values == values.round()).all())
    return True


def nowhere(call: Call, source: Axes, position: int) -> None:
    """Record sums so far along an axis that a layer made of size one, where there is another."""
    wide = any(axis.size > 1 for axis in source.items)
    if not 0 <= position < len(source.items) or not wide or source.items[position].size > 1:
        return
    axis = source.items[position].single
    if axis is not None and axis.origin.startswith("nn.Linear") and not axis.names:
        operand = call.described(source, call.operand_text(0))
        call.emit(RunsNowhere(call.place, call.name, operand, position))


def shifted(call: Call, source: Axes, position: int, end: End) -> None:
    """Record a shift by one along what a layer reads as the batch: `x[:-1]` beside `y[1:]`.

    One of the two alone leaves a sample out; it takes both to lay neighbours beside each other.
    """
    axis = source.items[position]
    if axis.single is None or len(source.items) < 2 or axis.single.declared:
        return
    axis.single.ends.add(end)
    if len(axis.single.ends) < 2 or agreed(axis.single.reads) != (Role.BATCH, True):
        return
    operand = call.described(source, call.operand_text(0))
    call.emit(Ordered(call.place, call.name, operand, position, shifted=True))


def stepped(call: Call, source: Axes, position: int) -> None:
    """Record that `x[:, t]` picks a sample, where the code calls the index a step in time."""
    if not any(_is_step(element) for element in _elements(call)[position : position + 1]):
        return
    follows(call, source, position)


def _elements(call: Call) -> list[ast.expr]:
    node = call.expression
    if not isinstance(node, ast.Subscript):
        return []
    return node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]


def _is_step(element: ast.expr) -> bool:
    if isinstance(element, ast.BinOp) and isinstance(element.right, ast.Constant):
        element = element.left
    return isinstance(element, ast.Name) and element.id in _STEPS


def neighbours(element: slice) -> End:
    """Which end stays of `[1:]` and `[:-1]`, which lay each entry beside the one before it."""
    if element.step is not None:
        return ""
    if element.start is None and element.stop == -1:
        return "head"
    return "tail" if element.start == 1 and element.stop is None else ""


def _role(axis: Axis) -> Role | None:
    if axis.single is None:
        return None
    role, sure = axis.single.role()
    return role if sure and not axis.single.shared else None
