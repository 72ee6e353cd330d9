"""The fault may lie earlier: a `cat` along the wrong axis, a view that cut samples into rows.

The tracker keeps how such results were made, as stand-ins; where one of them is refused later,
it is made again in another way, and the operation that refused it is tried on that.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from math import prod
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from shapecheck.core.site import Place
from shapecheck.core.tried import Tried
from shapecheck.runtime.crashing.standins import StandIn, Unknown, at, plain, stand_ins

if TYPE_CHECKING:
    from shapecheck.runtime.crashing.bench import Bench
    from shapecheck.runtime.flow.call import Call

_JOINS = ("cat", "concat", "concatenate")
_LAYOUTS = ("view", "reshape", "flatten")
_MOST_KEPT = 2000
Shape = tuple[int, ...]


@dataclass(frozen=True)
class Made:
    """How a tensor was made: the operation with its arguments, and its first operand as written."""

    name: str
    given: tuple[Any, ...]
    kwargs: dict[str, Any]
    text: str
    place: Place
    shape: Shape


class Earlier:
    """What was joined and laid out, by the line and the shape that came of it."""

    def __init__(self) -> None:
        self._made: dict[tuple[Place, Shape], Made] = {}

    def note(self, call: Call) -> None:
        """An operation has run."""
        if call.name not in _JOINS and call.name not in _LAYOUTS:
            return
        if not isinstance(call.result, Tensor) or len(self._made) >= _MOST_KEPT:
            return
        try:
            given = plain(tuple(call.args), extents=False)
            kwargs = plain(dict(call.kwargs), extents=False)
        except Unknown:
            return
        shape = tuple(call.result.shape)
        text = call.operand_text(0)
        made = Made(call.name, given, kwargs, text, call.place, shape)
        self._made[call.place, shape] = made

    def at(self, place: Place | None, shape: Shape) -> Made | None:
        """What made a tensor of this shape at a line."""
        return self._made.get((place, shape)) if place is not None else None

    def cut(self, samples: int, rows: int) -> Made | None:
        """The latest view that laid so many samples out as so many rows."""
        for made in reversed(self._made.values()):
            if made.name in _LAYOUTS and made.shape[:1] == (rows,):
                source = made.given[0]
                if isinstance(source, StandIn) and source.shape[:1] == (samples,):
                    return made
        return None


def upstream(bench: Bench) -> Iterator[Tried]:
    """Each operand as it would be, had it been joined along another axis."""
    earlier = bench.operation.earlier
    for i, slot in enumerate(bench.operation.slots) if earlier is not None else ():
        made = earlier.at(slot.operand.made_at, slot.stand_in.shape) if earlier else None
        if made is None or made.name != slot.operand.made_by:
            continue
        if made.name in _LAYOUTS:
            yield from _rows(bench, i, made)
            continue
        tensors = at(made.given, (0,)) if made.given else ()
        parts = [one.shape for _, one in stand_ins(tensors)]
        for dim in range(len(slot.stand_in.shape)):
            shape = _joined(parts, dim)
            if shape is None or shape == slot.stand_in.shape:
                continue
            result = bench.of_shape((slot,), shape)
            if result is not None:
                code = f"torch.{made.name}(…, dim={dim})"
                yield Tried("earlier", code, (i,), shape, (), result, "dim", dim, at=made.place)
    yield from _kept_apart(bench, earlier)


def batched(outer: Bench) -> Iterator[Tried]:
    """The whole nn.Sequential that was called, given a batch of one."""
    if not outer.reproduced or not outer.operation.slots:
        return
    slot = outer.operation.slots[0]
    result = outer((slot,), partial(torch.unsqueeze, dim=0))
    if result is not None and slot.operand.text:
        code = f"{slot.text}.unsqueeze(0)"
        yield Tried("earlier", code, (0,), (1, *slot.stand_in.shape), (), result, "batch")


def _rows(bench: Bench, i: int, made: Made) -> Iterator[Tried]:
    """The operand with a row for each sample, where it was laid out otherwise."""
    source, slot = made.given[0], bench.operation.slots[i]
    if not isinstance(source, StandIn) or len(source.shape) < 2:
        return
    flat = (source.shape[0], prod(source.shape[1:]))
    if flat == slot.stand_in.shape:
        return
    result = bench.of_shape((slot,), flat)
    if result is not None:
        code = f"{made.text or 'x'}.flatten(1)"
        yield Tried("earlier", code, (i,), flat, (), result, "flat", at=made.place)


def _joined(parts: list[Shape], dim: int) -> Shape | None:
    """The shape of tensors joined along an axis; None where they differ elsewhere."""
    rests = {(*shape[:dim], *shape[dim + 1 :]) for shape in parts}
    if len(rests) != 1 or len({len(shape) for shape in parts}) != 1 or len(parts) < 2:
        return None
    first = parts[0]
    return (*first[:dim], sum(shape[dim] for shape in parts), *first[dim + 1 :])


def _kept_apart(bench: Bench, earlier: Earlier | None) -> Iterator[Tried]:
    """As many predictions as targets, where a view made other rows of the samples."""
    slots = bench.operation.slots
    if earlier is None or len(slots) != 2 or not all(slot.stand_in.shape for slot in slots):
        return
    rows, samples = slots[0].stand_in.shape[0], slots[1].stand_in.shape[0]
    made = earlier.cut(samples, rows) if rows != samples else None
    if made is None:
        return
    whole = (samples, *slots[0].stand_in.shape[1:])
    result = bench.of_shape((slots[0],), whole)
    source = made.given[0].shape
    if result is not None and len(source) > 2:
        flat = (samples, prod(source[1:]))
        if tuple(torch.empty(source, device="meta").flatten(1).shape) == flat:
            code = f"{made.text or 'x'}.flatten(1)"
            yield Tried("earlier", code, (0,), flat, (), result, "rows", rows, at=made.place)
