"""Reshapes as an algebra: parts in memory order, merged, split, and cut through."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import accumulate, pairwise, permutations, takewhile
from math import prod
from operator import mul

from shapecheck.core.axis import Role
from shapecheck.runtime.flow.axes import Axis, Identity, Part


def coalesce(parts: Iterable[Part]) -> tuple[Part, ...]:
    """Parts in memory order, with children of one parent that stand side by side made whole.

    A part of size one that came from nowhere in particular is dropped beside others.
    """
    kept: list[Part] = []
    for part in parts:
        kept.append(part)
        while len(kept) > 1:
            whole = _whole(kept[-2], kept[-1])
            if whole is None:
                break
            kept[-2:] = [whole]
    return tuple(kept)


def _whole(left: Part, right: Part) -> Part | None:
    a, b = left.identity.parent, right.identity.parent
    if a is None or b is None or a[0] is not b[0] or a[2] != b[2]:
        return None
    if (a[1], b[1]) != (0, 1) or (left.size, right.size) != a[2]:
        return None
    return Part(a[0], left.size * right.size)


def merge(axes: Iterable[Axis]) -> Axis:
    """Neighbouring axes as one, in memory order (flatten)."""
    parts = [part for axis in axes for part in axis.parts]
    full = [part for part in parts if part.size != 1]
    ones = [part for part in parts if part.size == 1 and part.identity.evidence]
    if not full:
        return Axis(tuple((ones or parts)[:1]))
    named = [part for part in parts if part.size != 1 or part.identity.evidence]
    return Axis(coalesce(named))


def refactor(
    source: tuple[Axis, ...], target: tuple[int, ...]
) -> tuple[tuple[Axis, ...], tuple[int, ...]]:
    """The axes of a reshape, and the target positions whose sizes cut through source axes.

    Both shapes hold the same number of elements in the same memory order. A target axis takes
    parts from the left until its size is full; a part that is larger than what is missing is
    split, if the size divides it. Where it does not, the rest up to the next common boundary is
    *crossed*: those axes begin anew.
    """
    queue = [part for axis in source for part in axis.parts]
    result: list[Axis | None] = [None] * len(target)
    crossed: list[int] = []
    grown = {part.identity: axis.grown for axis in source for part in axis.parts if axis.grown}
    at = 0
    while at < len(target):
        taken = _ones(queue, target[at:]) if target[at] == 1 else _take(queue, target[at])
        if taken is not None:
            result[at] = _named_grown(taken, grown)
            at += 1
            continue
        end = _next_boundary(queue, target, at)
        crossed += [i for i in range(at, end) if target[i] != 1]
        for i in range(at, end):
            result[i] = Axis((Part(Identity("reshape"), target[i]),))
        at = end
    whole = _keep_tags(source, tuple(axis for axis in result if axis is not None))
    return whole, tuple(crossed)


def _named_grown(parts: tuple[Part, ...], grown: dict[Identity, str]) -> Axis:
    if len(parts) == 1 and parts[0].size == 1:
        return Axis(parts, grown=grown.get(parts[0].identity, ""))
    return Axis(parts)


def _keep_tags(source: tuple[Axis, ...], result: tuple[Axis, ...]) -> tuple[Axis, ...]:
    """What holds for a position holds on where the axis went through whole."""
    tagged = {axis.parts: axis for axis in source if axis.normalised}
    if not tagged:
        return result
    return tuple(
        replace(axis, normalised=tagged[axis.parts].normalised, product=tagged[axis.parts].product)
        if axis.parts in tagged
        else axis
        for axis in result
    )


def _ones(queue: list[Part], target: tuple[int, ...]) -> tuple[Part, ...]:
    """The part of size one for the first of `target`; nothing known where several may be meant.

    A state (layers, batch, hidden) of one layer and one sample viewed as (-1, hidden) has in front
    neither the layers nor the samples alone.
    """
    have = len(list(takewhile(lambda part: part.size == 1, queue)))
    asked = len(list(takewhile(lambda size: size == 1, target)))
    taken = [queue.pop(0) for _ in range(have if have < asked else have - asked + 1)]
    if have < asked:  # one sample as (1, 1, features): either one
        return (Part(Identity("view"), 1),)
    known = [part for part in taken if part.identity.evidence] or taken[:1]
    return (known[0],) if len(known) == 1 else (Part(Identity("view"), 1),)


def _take(queue: list[Part], size: int) -> tuple[Part, ...] | None:
    """Take parts of this product off the queue, or None (and an untouched queue)."""
    pending = list(queue)
    taken: list[Part] = []
    missing = size
    while missing > 1:
        if not pending:
            return None
        part = pending.pop(0)
        if missing % part.size == 0:
            if part.size != 1 or part.identity.evidence:
                taken.append(part)
            missing //= part.size
        elif part.size % missing == 0:
            outer, inner = part.identity.split(missing, part.size // missing)
            taken.append(Part(outer, missing))
            pending.insert(0, Part(inner, part.size // missing))
            missing = 1
        else:
            return None
    queue[:] = pending
    return coalesce(taken)


def _next_boundary(queue: list[Part], target: tuple[int, ...], at: int) -> int:
    """Take parts off the queue up to where both shapes have a common boundary again."""
    have = want = 1
    end = at
    while end < len(target) and (have != want or end == at):
        want *= target[end]
        end += 1
        while queue and have < want:
            have *= queue.pop(0).size
    return end


def permuted(source: tuple[Axis, ...], target: tuple[int, ...]) -> bool:
    """True where a reshape asks for the sizes it has, or those of one axis' parts, reordered.

    Memory order does not change, so such a reshape never does what an exchange of axes would.
    """
    return _reordered([axis.size for axis in source], target) or any(
        _reordered([part.size for part in axis.parts], inner)
        for axis, inner in _within(source, target)
        if len(axis.parts) > 1
    )


_MOST_PERMUTED = 5


def regrouped(source: tuple[Axis, ...], target: tuple[int, ...]) -> bool:
    """True where a reshape merges axes that do not stand side by side: an exchange is missing.

    (heads 4, steps 12, width 8) read as (12, 32): in memory order 12 and 32 hold pieces of every
    axis, though by chance they divide; with steps in front they are steps and heads·width. Of
    three axes at least: (batch, features) read as (batch·heads, width) splits the features. What
    an axis is made of counts: two directions of a batch, one after another, are no pairs.
    """
    have = [part.size for axis in source for part in axis.parts if part.size > 1]
    want = [s for s in target if s > 1]
    return any(_merges_permuted(part, into) for part, into in _stretches(have, want))


def _stretches(have: list[int], want: list[int]) -> Iterator[tuple[list[int], list[int]]]:
    """Sizes of the two shapes between their common boundaries."""
    shared = sorted({1, *accumulate(have, mul)} & {1, *accumulate(want, mul)})
    for low, high in pairwise(shared):
        yield _between(have, low, high), _between(want, low, high)


def _between(sizes: list[int], low: int, high: int) -> list[int]:
    ends = list(accumulate(sizes, mul))
    return [size for size, end in zip(sizes, ends, strict=True) if low < end <= high]


def _merges_permuted(have: list[int], want: list[int]) -> bool:
    if not len(want) < len(have) <= _MOST_PERMUTED or len(have) < 3 or len(want) < 2:
        return False
    if have[0] % want[0] == 0:
        # Groups of the first axis beside all the rest, as a normalisation by groups wants them;
        # or else channels that should have gone to the end, (C, H, W) to (H·W, C).
        return want == [prod(have[1:]), have[0]]
    ends = set(accumulate(want, mul))
    return any(ends <= set(accumulate(order, mul)) for order in permutations(have))


def torn(held: tuple[Axis, ...]) -> list[int]:
    """Target axes that hold another axis and a mere piece of the batch or of time.

    Where axes were to be exchanged and the sizes fit by chance (2·4 read as 4·2): at other sizes
    they would cut through.
    """
    found = []
    for i, axis in enumerate(held):
        for part in axis.parts if len(axis.parts) > 1 else ():
            parent = part.identity.parent
            if parent is not None and parent[0].role()[0] in (Role.BATCH, Role.TIME):
                found.append(i)
    return found


def straddling(source: tuple[Axis, ...], held: tuple[Axis, ...]) -> tuple[int, ...]:
    """Target axes that begin within one axis of the source and end within the next.

    (samples 4, features 10) read as (2, 4, 5): the 4 are half of the samples with half of the
    features. That the sizes divide is chance: of three samples it would cut through. Not what was
    taken apart before, and put together otherwise on purpose.
    """
    before = {part.identity for axis in source for part in axis.parts}
    found = []
    for i, axis in enumerate(held):
        first, last = axis.parts[0].identity, axis.parts[-1].identity
        cut = first not in before and last not in before
        if cut and _half(first) == 1 and _half(last) == 0 and len(axis.parts) > 1:
            found.append(i)
    return tuple(found)


def _half(identity: Identity) -> int:
    return identity.parent[1] if identity.parent is not None else -1


def severed(held: tuple[Axis, ...], at: tuple[int, ...]) -> tuple[Axis, ...]:
    """These axes begun anew, as what a reshape cuts through does."""
    return tuple(
        Axis((Part(Identity("reshape"), axis.size),)) if i in at else axis
        for i, axis in enumerate(held)
    )


def inside(source: tuple[Axis, ...], target: tuple[int, ...]) -> set[int]:
    """Target positions that take one axis of several parts apart, none of them batch or time.

    Cutting through these mixes nothing that was apart: features are features.
    """
    found: set[int] = set()
    at = 0
    for axis, inner in _within(source, target):
        roles = {part.identity.role()[0] for part in axis.parts}
        roles |= {read.role for part in axis.parts for read in part.identity.reads}
        if len(axis.parts) > 1 and not roles & {Role.BATCH, Role.TIME}:
            found.update(range(at, at + len(inner)))
        at += len(inner)
    return found


def _reordered(have: Iterable[int], want: Iterable[int]) -> bool:
    old, new = [s for s in have if s > 1], [s for s in want if s > 1]
    return old != new and sorted(old) == sorted(new)


def _within(
    source: tuple[Axis, ...], target: tuple[int, ...]
) -> Iterator[tuple[Axis, tuple[int, ...]]]:
    """Each source axis with the target sizes that fill it exactly."""
    at = 0
    for axis in source:
        begun, filled = at, 1
        while at < len(target) and filled < axis.size:
            filled *= target[at]
            at += 1
        if filled != axis.size:
            return
        yield axis, target[begun:at]


def cut_out(axis: Axis, start: int, size: int) -> Axis:
    """Some neighbouring indices of an axis: of one made of several, whole rows keep what is within.

    The first `2·batch` of `steps·batch` entries are two steps of the batch.
    """
    outer, *inner = axis.parts
    row = prod(part.size for part in inner)
    if not inner or size == axis.size or not row or start % row or size % row or size <= row:
        return axis.with_size(size)
    outer.identity.sliced = True
    return replace(axis, parts=(Part(outer.identity, size // row), *inner))


def elsewhere(wanted: Identity, at: int, held: tuple[Axis, ...], source: tuple[Axis, ...]) -> bool:
    """True where the size variable names an axis of the source that does not stand here."""
    if wanted.shared or held[at].size == 1:
        return False  # a batch of one holds nothing that could stand elsewhere
    here = [part.identity for part in held[at].parts]
    if len(here) == 1 and here[0].parent is not None and here[0].parent[0] is wanted:
        return False  # a piece of the axis itself
    if wanted in here:
        return _widened(wanted, held[at])
    owners = [part.identity for axis in source for part in axis.parts]
    return owners.count(wanted) == 1


def _widened(wanted: Identity, held: Axis) -> bool:
    """True where the axis is only the inner part of what has its size: another lies around it.

    As the outer part it may be the axis itself, made whole again: behind a strided convolution the
    height of a picture counts patches, and with the rows within each it is the height once more.
    """
    return (
        len(held.parts) > 1
        and held.parts[0].identity is not wanted
        and prod(part.size for part in held.parts if part.identity is wanted) < held.size
    )
