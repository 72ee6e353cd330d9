"""Steps that give a tensor another shape: its axes in another order, one added, taken, merged."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import combinations
from math import prod

import torch
from torch import Tensor

from shapecheck.core.tried import ChangeKind

Shape = tuple[int, ...]
_MOST_AXES = 6


@dataclass(frozen=True)
class Step:
    """`code` is appended to the expression. `axes[i]` are the old axes that make the new axis i."""

    kind: ChangeKind
    code: str
    take: Callable[[Tensor], Tensor]
    axes: tuple[tuple[int, ...], ...]


def steps(shape: Shape) -> Iterator[Step]:
    """Every simple step from a shape, the simplest of its kind first."""
    if len(shape) > _MOST_AXES:
        return
    yield from exchanges(shape)
    yield from moves(shape)
    yield from added(shape)
    yield from between(shape)
    yield from taken(shape)
    yield from merged(shape)


def exchanges(shape: Shape) -> Iterator[Step]:
    """Two axes in each other's place; neighbours first."""
    rank = len(shape)
    pairs = sorted(combinations(range(rank), 2), key=lambda pair: (pair[1] - pair[0], -pair[0]))
    for a, b in pairs:
        if shape[a] == shape[b]:
            continue
        order = list(range(rank))
        order[a], order[b] = b, a
        code = ".T" if rank == 2 else f".transpose({a}, {b})"
        yield Step("order", code, partial(torch.transpose, dim0=a, dim1=b), _alone(order))


def moves(shape: Shape) -> Iterator[Step]:
    """One axis moved by two places or more, the others in their order."""
    rank = len(shape)
    for source in range(rank):
        rest = [i for i in range(rank) if i != source]
        for place in range(rank):
            if abs(place - source) > 1:
                order = [*rest[:place], source, *rest[place:]]
                if [shape[i] for i in order] == list(shape):
                    continue
                code = f".permute({', '.join(map(str, order))})"
                yield Step("order", code, partial(torch.permute, dims=order), _alone(order))


def added(shape: Shape) -> Iterator[Step]:
    """An axis of size one anywhere; two or three of them at the end."""
    rank = len(shape)
    for place in range(rank, -1, -1):
        axes = _alone(range(rank))
        new = (*axes[:place], (), *axes[place:])
        at = -1 if place == rank and rank > 1 else place
        code = f".unsqueeze({at})"
        yield Step("missing", code, partial(torch.unsqueeze, dim=place), new)
    if rank == 1:
        take = partial(torch.reshape, shape=(1, 1, -1))
        yield Step("missing", ".view(1, 1, -1)", take, ((), (), (0,)))
    for many in (2, 3):
        new = (*_alone(range(rank)), *((),) * many)
        code = f"[{', '.join([':'] * rank + ['None'] * many)}]"
        yield Step("missing", code, partial(_lengthened, many=many), new)


def between(shape: Shape) -> Iterator[Step]:
    """Two axes of size one between two others: a mask of samples and keys, beside heads."""
    rank = len(shape)
    for place in range(1, rank):
        axes = _alone(range(rank))
        new = (*axes[:place], (), (), *axes[place:])
        code = f"[{', '.join([':'] * place + ['None', 'None'])}]"
        yield Step("missing", code, partial(_inserted, place=place), new)


def _inserted(tensor: Tensor, place: int) -> Tensor:
    return tensor.unsqueeze(place).unsqueeze(place)


def _lengthened(tensor: Tensor, many: int) -> Tensor:
    return tensor[(..., *(None,) * many)]


def taken(shape: Shape) -> Iterator[Step]:
    """One axis of size one taken away, or two."""
    ones = [i for i, size in enumerate(shape) if size == 1]
    for count in (1, 2):
        for places in combinations(ones, count):
            code = "".join(f".squeeze({place})" for place in reversed(places))
            kept = [i for i in range(len(shape)) if i not in places]
            yield Step("extra", code, partial(torch.squeeze, dim=places), _alone(kept))


def merged(shape: Shape) -> Iterator[Step]:
    """Neighbouring axes made one: all but the first, then others."""
    rank = len(shape)
    spans = [(a, b) for a in range(rank) for b in range(a + 1, rank)]
    for a, b in sorted(spans, key=lambda span: (span != (1, rank - 1), span)):
        if prod(shape[a : b + 1]) in shape[a : b + 1]:
            continue
        code = f".flatten({a})" if b == rank - 1 else f".flatten({a}, {b})"
        axes = _alone(range(rank))
        new = (*axes[:a], tuple(range(a, b + 1)), *axes[b + 1 :])
        yield Step("merged", code, partial(torch.flatten, start_dim=a, end_dim=b), new)


def _alone(order: range | list[int]) -> tuple[tuple[int, ...], ...]:
    return tuple((i,) for i in order)
