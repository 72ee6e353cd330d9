"""The exchange of axes that a reshape lacks, where one makes its sizes hold what they name."""

from __future__ import annotations

from math import prod

from shapecheck.core.facts import Reshape

Order = tuple[int, ...]


def remedy(fact: Reshape) -> str:
    """``x.transpose(1, 2).reshape(B, T, D)``, or nothing where no order of axes fits."""
    order = reordering(fact)
    if order is None:
        return ""
    exchanged = f"{fact.source.text or 'x'}.{_written(order)}"
    if tuple(fact.source.shape[at] for at in order) == fact.target:
        return exchanged
    return f"{exchanged}.reshape({', '.join(fact.texts)})"


def reordering(fact: Reshape) -> Order | None:
    """The order of the source's axes in which every named size of the target holds its axis.

    The axes that no size names keep their order and fill the other sizes, which must be their
    products: heads (B, H, T, d) wanted as (B, T, D) come out as (0, 2, 1, 3).
    """
    chosen = _named(fact)
    rest = [at for at in range(len(fact.source.shape)) if at not in chosen.values()]
    order: list[int] = []
    for position, size in enumerate(fact.target):
        group = [chosen[position]] if position in chosen else _filling(rest, size, fact)
        if prod(fact.source.shape[at] for at in group) != size:
            return None
        order += group
    if rest or not chosen or order == sorted(order):
        return None
    return tuple(order)


def _named(fact: Reshape) -> dict[int, int]:
    """Where each size of the target that names a whole axis of the source finds it."""
    have = [axis.identity for axis in fact.source.axes]
    return {
        position: have.index(axis.identity)
        for position, axis in enumerate(fact.wanted)
        if axis is not None and not axis.parts and have.count(axis.identity) == 1
    }


def _filling(rest: list[int], size: int, fact: Reshape) -> list[int]:
    """The next axes of `rest` up to `size` elements, taken off it."""
    group: list[int] = []
    while rest and prod(fact.source.shape[at] for at in [*group, rest[0]]) <= size:
        group.append(rest.pop(0))
    return group


def _written(order: Order) -> str:
    moved = [at for at, source in enumerate(order) if at != source]
    if len(moved) == 2:
        return f"transpose({moved[0]}, {moved[1]})"
    return f"permute({', '.join(map(str, order))})"
