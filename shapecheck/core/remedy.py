"""Ways to turn a shape that does not fit its spec into one that does, each one tried.

A remedy is only ever a step that was applied to the actual shape and whose result matches the
declaration under the bindings of the call. The declaration is never what changes: advice to
rewrite it to fit a wrong value would teach the bug.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, permutations
from math import prod
from typing import Literal

from shapecheck.core.axis import AxisKind
from shapecheck.core.match import Bindings, Match, match
from shapecheck.core.spec import Spec

Shape = tuple[int, ...]
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


@dataclass(frozen=True)
class _Step:
    code: str
    shape: Shape
    axis: str = ""


def remedies(
    shape: Shape,
    spec: Spec,
    bindings: Bindings | None = None,
    values: dict[str, str] | None = None,
) -> tuple[Remedy, ...]:
    """Every simplest step that makes `shape` match `spec`, likeliest first; () if none does.

    One kind of step is tried after the other, and the first kind that fits is returned: an
    order of axes, axes of size 1 added or taken away, axes flattened or split, then an added or
    removed axis together with an exchange of two.
    """
    if len(shape) > _MOST_AXES:
        return ()

    def fits(candidate: Shape) -> bool:
        return isinstance(match(candidate, spec, bindings, values), Match)

    if fits(shape):
        return ()
    kinds: list[tuple[Fault, Iterator[_Step]]] = [
        ("order", _transposes(shape, adjacent=True)),
        ("order", _moves(shape)),
        ("order", _transposes(shape)),
        ("order", _permutes(shape)),
        ("missing", _unsqueezes(shape, spec)),
        ("extra", _squeezes(shape)),
        ("flattened", _splits(shape, spec, bindings or {})),
        ("split", _flattens(shape)),
        ("missing", _then_transpose(_unsqueezes(shape, spec))),
        ("extra", _then_transpose(_squeezes(shape))),
    ]
    for fault, steps in kinds:
        found = {(step.shape, step.axis): step for step in steps if fits(step.shape)}
        if found:
            return tuple(Remedy(s.code, fault, s.shape, s.axis) for s in found.values())
    return ()


def _exchange(shape: Shape, a: int, b: int) -> Shape:
    axes = list(shape)
    axes[a], axes[b] = axes[b], axes[a]
    return tuple(axes)


def _transposes(shape: Shape, adjacent: bool = False) -> Iterator[_Step]:
    for a, b in combinations(range(len(shape)), 2):
        if shape[a] != shape[b] and (b == a + 1 or not adjacent):
            yield _Step(f".transpose({a}, {b})", _exchange(shape, a, b))


def _moves(shape: Shape) -> Iterator[_Step]:
    """One axis moved, the others in their order: channels last to channels first."""
    for source in range(len(shape)):
        rest = [i for i in range(len(shape)) if i != source]
        for place in range(len(shape)):
            if abs(place - source) > 1:
                yield _permute(shape, (*rest[:place], source, *rest[place:]))


def _permutes(shape: Shape) -> Iterator[_Step]:
    for order in permutations(range(len(shape))):
        yield _permute(shape, order)


def _permute(shape: Shape, order: tuple[int, ...]) -> _Step:
    return _Step(f".permute({', '.join(map(str, order))})", tuple(shape[i] for i in order))


def _unsqueezes(shape: Shape, spec: Spec) -> Iterator[_Step]:
    """Add as many axes of size 1 as the spec has more than the shape, one or two."""
    if spec.rank is None or spec.rank - len(shape) not in (1, 2):
        return
    for places in combinations(range(spec.rank), spec.rank - len(shape)):
        sizes = iter(shape)
        result = tuple(1 if i in places else next(sizes) for i in range(spec.rank))
        code = "".join(f".unsqueeze({_from_the_end(i, spec.rank)})" for i in places)
        yield _Step(code, result, " and ".join(spec.axes[i].text for i in places))


def _from_the_end(position: int, rank: int) -> int:
    """The last axis is written -1, as people write it."""
    return -1 if position == rank - 1 and position > 0 else position


def _squeezes(shape: Shape) -> Iterator[_Step]:
    ones = [i for i, size in enumerate(shape) if size == 1]
    for count in (1, 2):
        for places in combinations(ones, count):
            code = "".join(f".squeeze({i})" for i in reversed(places))
            yield _Step(code, tuple(s for i, s in enumerate(shape) if i not in places))


def _splits(shape: Shape, spec: Spec, bindings: Bindings) -> Iterator[_Step]:
    """One axis into the declared ones it holds, where their sizes are known: 40 = batch*seq."""
    if spec.rank is None or spec.rank <= len(shape):
        return
    count = spec.rank - len(shape) + 1
    for at, size in enumerate(shape):
        axes = spec.axes[at : at + count]
        known = [a.size if a.kind is AxisKind.FIXED else bindings.get(a.name) for a in axes]
        sizes = _fill(known, size)
        if sizes is not None:
            names = "*".join(a.name or a.text for a in axes)
            code = f".unflatten({at}, {sizes})"
            yield _Step(code, shape[:at] + sizes + shape[at + 1 :], f"{size} = {names}")


def _fill(known: list[int | tuple[int, ...] | None], total: int) -> Shape | None:
    """The sizes, with at most one unknown among them computed from the product."""
    sizes = [k for k in known if isinstance(k, int)]
    if any(isinstance(k, tuple) for k in known) or len(known) - len(sizes) > 1:
        return None
    product = prod(sizes)
    if product < 2 or total % product:
        return None
    return tuple(k if isinstance(k, int) else total // product for k in known)


def _flattens(shape: Shape) -> Iterator[_Step]:
    for start, end in combinations(range(len(shape)), 2):
        merged = prod(shape[start : end + 1])
        if 1 not in shape[start : end + 1]:
            yield _Step(f".flatten({start}, {end})", (*shape[:start], merged, *shape[end + 1 :]))


def _then_transpose(steps: Iterator[_Step]) -> Iterator[_Step]:
    for step in steps:
        for second in _transposes(step.shape):
            yield _Step(step.code + second.code, second.shape, step.axis)
