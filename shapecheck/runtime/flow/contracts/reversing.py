"""Sequences that a recurrent layer reads backwards: what was reversed before it, and after it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from torch import Tensor, nn

from shapecheck.core.axis import Role
from shapecheck.core.facts import Witness
from shapecheck.core.sums import SamplesReversed
from shapecheck.runtime.flow.axes import Axes, view_of
from shapecheck.runtime.flow.call import Call, positive
from shapecheck.runtime.flow.marks import NONE, Backwards, Marks, Reversal

_FLIPS = frozenset(("flip", "flipud"))


def flipped(call: Call, source: Axes) -> Marks:
    """The marks of what was reversed along one axis."""
    dims = (0,) if call.name == "flipud" else call.ints(1, "dims")
    if call.name not in _FLIPS or dims is None or len(dims) != 1:
        return NONE
    operand = call.described(source, call.operand_text(0))
    found = Reversal(operand, positive(dims[0], len(source.items)), call.place)
    return replace(NONE, reversal=found, backwards=source.marks.backwards)


def read(call: Call, module: nn.RNNBase, x: Tensor, contract: str) -> Marks:
    """A recurrent layer read a sequence of three axes: the marks of what it puts out.

    A layer that reads samples as they stand is told by its weights: it is no layer for reversed
    ones alone.
    """
    weights = module.weight_ih_l0
    if not isinstance(weights, nn.Parameter):
        return NONE
    rows, reversal = call.axes(weights)[0], call.track(x).marks.reversal
    batch = 0 if module.batch_first else 1
    if reversal is None or reversal.position != batch:
        said = f"nn.{type(module).__name__} reads samples as they stand"
        if rows.single is not None:
            rows.single.witness(Witness(Role.FEATURE, call.place, said, "contract"))
    if reversal is None or reversal.position > 1:
        return NONE
    made = Backwards(reversal, batch, contract, call.place, view_of(rows))
    return replace(NONE, backwards=made)


def joined(call: Call, operands: Iterable[Axes]) -> None:
    """What was read backwards stands beside what was not."""
    several = list(operands)
    if all(one.marks.backwards for one in several):
        return
    for one in several:
        done = one.marks.backwards
        if done is not None:
            _emit(call, done, one.marks.reversal)


def _emit(call: Call, done: Backwards, after: Reversal | None) -> None:
    before, batch = done.before, done.batch
    if before.position == batch:
        found, weights = before, done.weights
    elif after is not None and after.position == batch and len(after.operand.axes) == 3:
        found, weights = after, None
    else:
        return
    call.emit(
        SamplesReversed(
            found.place, found.operand, batch, 1 - batch, done.contract, done.place, weights
        )
    )
