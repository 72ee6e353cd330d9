"""What to recommend for a layer or a loss that refused its input."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from shapecheck.core.axis import Role
from shapecheck.core.evidence import Crash
from shapecheck.core.tracked import Operand, at_odds
from shapecheck.core.tried import Tried
from shapecheck.rules._fitting import Choice, best, fewest, keeps_first, of, orders, single
from shapecheck.rules._reading import roles_read

_MAKING = "zeros ones randn rand empty full new_zeros new_ones zeros_like randn_like tensor"
_FACTORIES = frozenset(_MAKING.split())


def for_layer(crash: Crash) -> Choice:
    """What a layer's input lacks, before what the layer could have been built with."""
    states = [i for i, name in enumerate(crash.names) if name.startswith("hx")]
    first = [one for one in crash.tried if one.operand == 0]
    instead = of(crash, "instead")
    if instead:
        return instead[:1]
    if states and not any(one.name in _INPUTS for one in crash.tried):
        found = _state(crash, states)
        missing = [one for one in of(crash, "missing") if one.operand == 0]
        if found or (crash.tried and not missing):
            return found
    return _beside(crash) or _read_size(crash, first)


def _beside(crash: Crash) -> Choice:
    """A layer that reads several inputs in one order: the one that stands in another.

    Where nobody asked for batch_first, that is what was forgotten, rather than a mask's layout.
    """
    order = [one for one in of(crash, "setting") if one.name == "batch_first"]
    order = order if _other_order_fits(crash) else []
    turned = [one for one in of(crash, "order") if one.operand > 0 and set(one.axes[:2]) == _FIRST]
    if not order and not turned:
        return []
    asked = "batch_first=True" in crash.layer or any(one.name == "undone" for one in turned)
    return [*turned[:1]] if asked and turned else [*order[:1], *turned[:1]]


_RECURRENT = ("nn.RNN", "nn.LSTM", "nn.GRU")
_FIRST = {(0,), (1,)}
_INPUTS = ("input_size",)


def _state(crash: Crash, states: Sequence[int]) -> Choice:
    """A recurrent layer and the states it was given."""
    steps = [one for one in of(crash, "missing", "order", "extra") if one.operand in states]
    picked = [one for one in of(crash, "picked") if one.operand == 0]
    if picked:
        return picked[:1]
    if steps:
        kind = steps[0].kind
        return single([one for one in steps if one.kind == kind])
    order = of(crash, "setting") if _other_order_fits(crash) else []
    turned = [one for one in of(crash, "order") if one.operand == 0 and one.axes[0] == (1,)]
    if order or turned:
        return [*(one for one in order if one.name == "batch_first"), *turned[:1]]
    return [one for one in of(crash, "made") if _from_factory(crash, one)]


def _from_factory(crash: Crash, one: Tried) -> bool:
    made_by = crash.operands[one.operand].made_by
    return not made_by or made_by in _FACTORIES


def _other_order_fits(crash: Crash) -> bool:
    """False where the input is known to stand in the order that the layer reads."""
    axes = crash.operands[0].axes
    reads = roles_read(crash, 0, len(crash.operands[0].shape))
    return not any(
        role is not None and axis.role is role and axis.sure
        for role, axis in zip(reads[:2], axes[:2], strict=False)
    )


def _read_size(crash: Crash, first: Choice) -> Choice:
    """A layer that was built for one size, and met another."""
    data = crash.operands[0] if crash.operands else Operand("", ())
    whole = [one for one in first if one.kind == "merged" and keeps_first(one)]
    flat = [one for one in whole if one.second is None and len(one.shape) == 2]
    if flat and crash.operation == "nn.Linear":
        return flat[:1]
    settings = [one for one in of(crash, "setting") if _reads_well(crash, data)]
    if is_one_sample(crash):
        settings = []
    missing = [one for one in of(crash, "missing") if one.operand == 0]
    missing = best(crash, [one for one in missing if len(one.shape) == fewest(missing)])
    if missing:
        return single(missing) or missing[:2] if len(missing) <= 2 else []
    turned = orders(crash)
    rows = [one for one in whole if one.second is not None]
    if rows and _is_image(data):
        return rows[:1]
    if crash.operation == "nn.Linear":
        if settings and (not turned or _made_by_layer(data)):
            return [*settings[:1], *_halves(crash, data)]
        return [*turned[:1], *settings[:1]]
    extra = single([one for one in of(crash, "extra") if one.operand == 0])
    if crash.operation in _RECURRENT and turned:
        return [*turned[:1], *settings[:1]]
    return turned[:1] or extra or settings[:1]


def _reads_well(crash: Crash, data: Operand) -> bool:
    """True unless the layer, built for this size, would read an axis as what it is not."""
    reads = roles_read(crash, 0, len(data.shape))
    return not any(at_odds(r, a.role) for r, a in zip(reads, data.axes, strict=False) if a.size > 1)


def is_one_sample(crash: Crash) -> bool:
    """True where all of the input has as many values as the layer reads of one sample."""
    built = next((one.built for one in crash.tried if one.kind == "setting" and one.built), 0)
    shape = crash.operands[0].shape if crash.operands else ()
    return len(shape) > 1 and prod(shape) == built


def _is_image(data: Operand) -> bool:
    return len(data.shape) >= 4


def _made_by_layer(data: Operand) -> bool:
    last = data.axes[-1] if data.axes else None
    return last is not None and last.origin.startswith("nn.")


def _halves(crash: Crash, data: Operand) -> Choice:
    """Two results side by side, where one linear layer made twice as many features as are read."""
    last = data.axes[-1] if data.axes else None
    made = (last.origin if last is not None else "") or data.made_by
    if not made.startswith(("nn.Linear", "linear")):
        return []
    return [one for one in crash.tried if one.name == "halves"]


# -- losses -------------------------------------------------------------------------------


def for_classes(crash: Crash) -> Choice:
    """Scores for classes, and the numbers of the classes."""
    found = of(crash, "exchange") if _ints(crash.operands[0]) else []
    picked = [one for one in of(crash, "picked") if one.name != "last" or _over_time(crash)]
    found = found or [*picked, *of(crash, "reach")][:1]
    extra = sorted(of(crash, "extra"), key=lambda one: -one.operand)
    found = found or extra[:1] or orders(crash)
    rows = crash.operands[1].shape[:1] if len(crash.operands) > 1 else ()
    flat = [one for one in of(crash, "merged") if len(one.shape) == 2 and one.shape[:1] == rows]
    flat = [one for one in flat if len(one.axes[0]) > 1]  # steps as samples, each with its scores
    found = found or single(flat)
    alone = [one for one in of(crash, "missing") if one.axes and one.axes[0] == ()]
    return found or alone[:1] or of(crash, "made")[:1]


def _over_time(crash: Crash) -> bool:
    """True where the scores are known to have a score for each step."""
    axes = crash.operands[0].axes
    steps = axes[1] if len(axes) == 3 else None
    if steps is None:
        return False
    return steps.role is Role.TIME or any(read.role is Role.TIME for read in steps.reads)


def _ints(operand: Operand) -> bool:
    return operand.dtype.startswith(("int", "uint"))


def for_pairs(crash: Crash) -> Choice:
    """Predictions and targets that are compared number by number."""
    found = []
    for one in of(crash, "extra", "missing", "merged"):
        other = crash.operands[1 - one.operand] if one.operand in (0, 1) else None
        if other is not None and one.shape == other.shape:
            found.append(one)
    merged = [one for one in found if one.kind == "merged"]
    return sorted(merged, key=lambda one: -one.operand)[:1] or found
