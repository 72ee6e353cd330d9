"""Ways to turn a shape that does not fit its spec into one that does, each one tried.

A remedy is only ever a step that was applied to the actual shape and whose result matches the
declaration under the bindings of the call. The declaration is never what changes: advice to
rewrite it to fit a wrong value would teach the bug.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, combinations, permutations
from math import prod
from typing import Literal

from shapecheck.core.axis import Axis, AxisKind
from shapecheck.core.match import Bindings, Match, Size, bound_size, match
from shapecheck.core.spec import Spec
from shapecheck.core.spelling import Shape, Spelling, Torch

Fault = Literal["order", "missing", "extra", "flattened", "split"]

_MOST_AXES = 6  # 720 permutations; past that a remedy is no help to a reader


@dataclass(frozen=True)
class Remedy:
    """A step that was tried. `code` is appended to the expression (`.transpose(1, 2)`).

    `fault` says what it undoes: axes in another order, an axis missing or too many, several
    axes flattened into one or one split into several. `shape` is the shape after the step and
    `axis` the declared element it concerns, if one.
    """

    code: str
    fault: Fault
    shape: Shape
    axis: str = ""


def remedies(
    shape: Shape,
    spec: Spec,
    bindings: Bindings | None = None,
    values: Mapping[str, str] | None = None,
    spelling: Spelling | None = None,
) -> tuple[Remedy, ...]:
    """Every simplest step that makes `shape` match `spec`, likeliest first; () if none does.

    One kind of step is tried after the other, and the first kind that fits is returned: an
    order of axes, axes of size 1 added or taken away, axes flattened or split, then an added or
    removed axis together with an exchange of two. `spelling` writes the step (torch's if None).
    """
    if len(shape) > _MOST_AXES:
        return ()

    def fits(candidate: Shape) -> bool:
        return isinstance(match(candidate, spec, bindings, values), Match)

    if fits(shape):
        return ()
    tried = _Steps(shape, spec, bindings or {}, spelling or Torch())
    kinds: list[tuple[Fault, Iterator[_Step]]] = [
        ("order", tried.transposes(adjacent=True)),
        ("order", tried.moves()),
        ("order", tried.transposes()),
        ("order", tried.permutes()),
        ("missing", tried.unsqueezes()),
        ("extra", tried.squeezes()),
        ("flattened", tried.splits()),
        ("split", tried.flattens()),
        ("missing", tried.then_transpose(tried.unsqueezes())),
        ("extra", tried.then_transpose(tried.squeezes())),
    ]
    for fault, steps in kinds:
        found: dict[tuple[Shape, str], _Step] = {}
        for step in steps:
            if fits(step.shape):
                found.setdefault((step.shape, step.axis), step)
        if found:
            return tuple(Remedy(s.code, fault, s.shape, s.axis) for s in found.values())
    return ()


def reorderings(shape: Shape, spelling: Spelling | None = None) -> Iterator[Remedy]:
    """Every other order of the axes, the simplest first."""
    steps = _Steps(shape, Spec((), ""), {}, spelling or Torch())
    seen = {shape}
    for step in chain(steps.transposes(adjacent=True), steps.moves(), steps.permutes()):
        if len(shape) <= _MOST_AXES and step.shape not in seen:
            seen.add(step.shape)
            yield Remedy(step.code, "order", step.shape)


@dataclass(frozen=True)
class _Step:
    code: str
    shape: Shape
    axis: str = ""


@dataclass(frozen=True)
class _Steps:
    """The steps that could be taken from a shape towards a spec."""

    shape: Shape
    spec: Spec
    bindings: Bindings
    write: Spelling

    def transposes(self, adjacent: bool = False) -> Iterator[_Step]:
        """Two axes in each other's place."""
        for a, b in combinations(range(len(self.shape)), 2):
            if self.shape[a] != self.shape[b] and (b == a + 1 or not adjacent):
                axes = list(self.shape)
                axes[a], axes[b] = axes[b], axes[a]
                yield _Step(self.write.exchange(a, b), tuple(axes))

    def moves(self) -> Iterator[_Step]:
        """One axis moved, the others in their order: channels last to channels first."""
        for source in range(len(self.shape)):
            rest = [i for i in range(len(self.shape)) if i != source]
            for place in range(len(self.shape)):
                if abs(place - source) > 1:
                    yield self._reordered((*rest[:place], source, *rest[place:]))

    def permutes(self) -> Iterator[_Step]:
        """Every order of the axes."""
        return map(self._reordered, permutations(range(len(self.shape))))

    def _reordered(self, order: tuple[int, ...]) -> _Step:
        return _Step(self.write.reorder(order), tuple(self.shape[i] for i in order))

    def unsqueezes(self) -> Iterator[_Step]:
        """As many axes of size 1 as the spec has more than the shape, one or two."""
        axes = [axis for axis in self.spec.axes if not axis.spans_many]
        rank = len(axes)
        if rank - len(self.shape) not in (1, 2):
            return
        for places in combinations(range(rank), rank - len(self.shape)):
            sizes = iter(self.shape)
            result = tuple(1 if i in places else next(sizes) for i in range(rank))
            code = "".join(self.write.insert(i, rank) for i in places)
            yield _Step(code, result, " and ".join(axes[i].text for i in places))

    def squeezes(self) -> Iterator[_Step]:
        """One or two axes of size 1 taken away."""
        ones = [i for i, size in enumerate(self.shape) if size == 1]
        for count in (1, 2):
            for places in combinations(ones, count):
                code = "".join(self.write.drop(i) for i in reversed(places))
                yield _Step(code, tuple(s for i, s in enumerate(self.shape) if i not in places))

    def splits(self) -> Iterator[_Step]:
        """One axis into the declared ones whose known sizes it is made of: 40 = batch*seq."""
        rank = self.spec.rank
        if rank is None or rank <= len(self.shape):
            return
        count = rank - len(self.shape) + 1
        for at, size in enumerate(self.shape):
            axes = self.spec.axes[at : at + count]
            sizes = _factors(axes, self.bindings, size)
            if sizes is not None:
                result = self.shape[:at] + sizes + self.shape[at + 1 :]
                names = "*".join(a.name or a.text for a in axes)
                yield _Step(self.write.split(at, sizes, result), result, f"{size} = {names}")

    def flattens(self) -> Iterator[_Step]:
        """Neighbouring axes into the declared one whose known size is their product."""
        if self.spec.rank is None or self.spec.rank >= len(self.shape):
            return
        last = len(self.shape) - self.spec.rank
        for start, axis in enumerate(self.spec.axes):
            part = self.shape[start : start + last + 1]
            if prod(part) == _known(axis, self.bindings) and 1 not in part:
                result = (*self.shape[:start], prod(part), *self.shape[start + last + 1 :])
                code = self.write.merge(start, start + last, result)
                names = "*".join(map(str, part))
                yield _Step(code, result, f"{names} = {axis.name or axis.text}")

    def then_transpose(self, steps: Iterator[_Step]) -> Iterator[_Step]:
        """Each step, and two axes exchanged after it."""
        for step in steps:
            after = _Steps(step.shape, self.spec, self.bindings, self.write)
            for second in after.transposes():
                yield _Step(step.code + second.code, second.shape, step.axis)


def _known(axis: Axis, bindings: Bindings) -> Size | None:
    return axis.size if axis.kind is AxisKind.FIXED else bound_size(axis, bindings)


def _factors(axes: tuple[Axis, ...], bindings: Bindings, total: int) -> Shape | None:
    """The sizes of the axes, if their product is the total.

    Bound sizes that happen to divide the total prove nothing, so each has to be known, or all
    but one and those written as numbers (`heads=4`).
    """
    known = [_known(axis, bindings) for axis in axes]
    sizes = [size for size in known if isinstance(size, int)]
    written = all(
        a.kind is AxisKind.FIXED for a, k in zip(axes, known, strict=True) if k is not None
    )
    if len(sizes) < len(axes) - (1 if written else 0) or prod(sizes) < 2:
        return None
    other, left = divmod(total, prod(sizes))
    if left or (len(sizes) == len(axes) and other != 1):
        return None
    return tuple(size if isinstance(size, int) else other for size in known)
