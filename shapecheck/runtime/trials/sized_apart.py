"""Reshapes that do nothing at the sizes of a call, watched once more with every size another.

Where channels and frames are as many, a view of (batch, channel, frame) as (batch, frame, channel)
leaves everything where it is, so that nothing tells it from a right one. With sizes of their own
for all axes it gives the sizes another order, and the data none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial

from torch import nn

from shapecheck.core.evidence import Trial
from shapecheck.core.facts import Reshape
from shapecheck.runtime.trials import arguments
from shapecheck.runtime.trials.bench import Bench, Change
from shapecheck.runtime.trials.pooling import Pooling
from shapecheck.runtime.trials.tracked import watching

_VIEWS = frozenset(("view", "reshape", "unflatten"))
_SMALLEST = 3


def sized_apart(bench: Bench, found: Iterable[object]) -> Iterator[Reshape]:
    """The reshapes of a replay at other sizes that left every axis in place in the call itself.

    `found` are the trials of the call: only axes that were seen to be free are given other sizes.
    """
    code = bench.call.function.__code__
    free = [
        trial.axis
        for trial in found
        if isinstance(trial, Trial) and trial.kind == "shape" and trial.outcome == "held"
    ]
    if bench.exhausted or not free or _VIEWS.isdisjoint(code.co_names):
        return
    change, numbers, before = _other_sizes(bench, free)
    tracker = Pooling()
    watch = watching(bench, tracker, {}, {})
    if not before or not bench.run(change, numbers, mode=watch).ok:
        return
    for fact in tracker.facts():
        if not isinstance(fact, Reshape) or not fact.permuted:
            continue
        source, target = (_known(sizes, before) for sizes in (fact.source.shape, fact.target))
        if source == target and fact.place.file == bench.call.place.file:
            yield replace(fact, today=source)


def _other_sizes(bench: Bench, free: list[str]) -> tuple[Change, dict[str, int], dict[int, int]]:
    """The changed arguments, sizes that no other axis has, and the size that each stands for."""
    change: Change = {}
    numbers: dict[str, int] = {}
    before: dict[int, int] = {}
    weights = [t for t in bench.snapshot.tensors if isinstance(t, nn.Parameter)]
    held = {size for tensor in weights for size in tensor.shape}
    for axis in free:
        old = bench.size(axis)
        if old < _SMALLEST:
            continue
        taken = held | bench.other_sizes(axis) | set(before) | {old}
        size = next(n for n in (7, 5, 11, 13, 17, 19, 3, 23, 29, old) if n not in taken or n == old)
        if size == old:
            continue
        change = bench.change(axis, partial(arguments.resized, size=size), change)
        numbers |= bench.numbers(axis, size)
        before[size] = old
    return change, numbers, before


def _known(sizes: tuple[int, ...], before: dict[int, int]) -> tuple[int, ...]:
    return tuple(before.get(size, size) for size in sizes)
