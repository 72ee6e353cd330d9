"""Why a call raises at another size of an axis: the operation that holds the old one, if any does.

A size that was written down, samples cut to a number, an axis of one that `squeeze()` took away:
these are faults. Weights, lengths and state that have the old size are none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations

from torch import nn

from shapecheck.runtime.trials.bench import Bench, Change
from shapecheck.runtime.trials.first_break import recorded
from shapecheck.runtime.trials.recorder import Recording, Shape, Step

_WRITTEN = frozenset((
    "view", "reshape", "expand", "repeat", "unflatten", "as_strided", "split",
    "split_with_sizes", "tile", "resize_", "broadcast_to", "view_as",
))  # fmt: skip
_OF_ALL = frozenset(("argmax", "argmin"))
_CUTS = frozenset(("__getitem__", "narrow", "select"))


class Raising:
    """Two recordings of one call: as it was made, and at another size, where it raised."""

    def __init__(
        self, bench: Bench, change: Change, numbers: Mapping[str, int], old: int, new: int
    ) -> None:
        self._bench, self._old, self._new = bench, old, new
        _, self._before = recorded(bench, {})
        _, self._now = recorded(bench, change, numbers)
        self.failed = next((n for n, s in enumerate(self._now.steps) if s.error), None)

    def at_fault(self) -> Step | None:
        """The step that holds the old size; None where none does, or where weights do."""
        if self.failed is None:
            return self.squeezed()
        step = self._now.steps[self.failed]
        if step.name in _WRITTEN and self._old > 1 and self._asks_for_old(step):
            return None if self.weights_have() else step
        ancestors = sorted(_ancestors(self._now, step))
        for found in (self._made(step), self._squeezed(ancestors), self._kept(ancestors, step)):
            first = next(found, None)
            if first is not None:
                return first
        return None

    def squeezed(self) -> Step | None:
        """The `squeeze()` without dim that took one more axis at size 1, if that tells."""
        steps = self._now.steps
        among: range | list[int] = range(len(steps))
        if self.failed is not None:
            among = sorted(_ancestors(self._now, steps[self.failed]))
        return next(self._squeezed(among), None)

    def reads_weights(self) -> bool:
        """True where the step that raised takes weights."""
        if self.failed is None:
            return False
        step = self._now.steps[self.failed]
        given = [self._now.given.get(i) for i in step.sources]
        return step.module is not None or any(isinstance(t, nn.Parameter) for t in given)

    def weights_have(self) -> bool:
        """True where a parameter has the old size, so that it may not be the axis's."""
        held = self._bench.snapshot.tensors
        return any(isinstance(t, nn.Parameter) and self._old in t.shape for t in held)

    def _asks_for_old(self, step: Step) -> bool:
        """The old size is among those asked for, and no other axis of what is viewed has it.

        Where one has it, the axis itself has to be asked for at its place.
        """
        if self._old not in step.numbers:
            return False
        viewed = step.shapes[0] if step.shapes else ()
        asked = zip(viewed, step.numbers, strict=False)
        return self._old not in viewed or (self._new, self._old) in asked

    def _made(self, failed: Step) -> Iterator[Step]:
        """Tensors made from nothing, with the old size written down: `zeros(1, 6, hidden)`."""
        steps = self._now.steps
        todo, seen = list(failed.parents), set()
        while todo:
            at = todo.pop()
            if at in seen:
                continue
            seen.add(at)
            made = steps[at]
            sizes = {size for result in made.results for size in result.shape}
            if not made.sources and self._old in made.numbers and self._old in sizes:
                yield made
            if not made.sources or self._old in sizes:
                todo.extend(made.parents)

    def _squeezed(self, among: range | list[int]) -> Iterator[Step]:
        """A `squeeze()` without dim, that took one more axis at size 1."""
        for number in among if self._new == 1 else ():
            mine, theirs = self._pair(number)
            if mine is None or theirs is None or theirs.name != "squeeze" or not theirs.results:
                continue
            named = theirs.options.get("args") or "dim" in theirs.options
            if not named and mine.results and mine.results[0].dim() != theirs.results[0].dim():
                yield theirs

    def _kept(self, ancestors: list[int], failed: Step) -> Iterator[Step]:
        """Samples cut to a number (`x[:4]`) or copied to one (`x.expand(4, -1)`), then missed.

        Or one of them, in a batch of one, in place of all: `logits[0, -1]`.
        """
        if not _clash(failed.shapes, self._old, self._new):
            return
        for number in ancestors:
            mine, theirs = self._pair(number)
            if mine is None or theirs is None or not theirs.results or not mine.results:
                continue
            before, now = tuple(mine.results[0].shape), tuple(theirs.results[0].shape)
            taken = {size for shape in theirs.shapes for size in shape}
            written = theirs.name in _WRITTEN and self._old > 1 and self._old in theirs.numbers
            if written and self._old in now and self._old not in taken:
                yield theirs
            cut = theirs.name in _CUTS and self._old in theirs.numbers
            if cut and mine.shapes != theirs.shapes and before == now and self._old in now:
                yield theirs
            if self._old == 1 and self._picks_one(theirs) and before == now:
                yield theirs

    def _picks_one(self, step: Step) -> bool:
        """One sample in place of all, by its number or by the largest of everything."""
        (taken, *_), now = step.shapes or ((),), tuple(step.results[0].shape)
        if taken[:1] != (self._new,):  # sizes are co-prime: these are the samples
            return False
        if step.name in _OF_ALL:
            return now == ()
        args = step.options.get("args", ())
        first = args[0] if args and isinstance(args[0], (tuple, list)) else args
        whole = bool(first) and type(first[0]) is int
        return step.name == "__getitem__" and whole and len(now) < len(taken)

    def _pair(self, number: int) -> tuple[Step | None, Step | None]:
        theirs = self._now.steps[number]
        mine = self._before.steps[number] if number < len(self._before.steps) else None
        same = mine is not None and mine.name == theirs.name
        return (mine, theirs) if same else (None, None)


def _ancestors(recording: Recording, step: Step) -> set[int]:
    found: set[int] = set()
    todo = list(step.parents)
    while todo:
        at = todo.pop()
        if at not in found:
            found.add(at)
            todo.extend(recording.steps[at].parents)
    return found


def _clash(shapes: tuple[Shape, ...], old: int, new: int) -> bool:
    """True where the old size meets the new one, at one axis from the left or from the right."""
    return any(
        {one[i], other[i]} == {old, new}
        for one, other in combinations(shapes, 2)
        for i in (*range(min(len(one), len(other))), *range(-min(len(one), len(other)), 0))
    )
