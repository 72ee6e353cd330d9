"""Two axes of one tensor that nobody names: told apart by what stands between them."""

from __future__ import annotations

from shapecheck.core.axis import Role
from shapecheck.runtime.flow.axes import Axes, Axis, Identity

DIAGONAL = "diagonal"  # the origin of an axis that runs along both axes of a square at once


def far_apart(axes: Axes, one: Identity, other: Identity) -> bool:
    """True where two axes of a tensor have an axis of another size between them.

    Both axes of an adjacency, of scores, or of a square picture are one set, in which either may
    stand for the other; these stand side by side. The samples and the columns of pictures do not.
    """
    at = [i for i, axis in enumerate(axes.items) if axis.single in (one, other)]
    if len(at) != 2:
        return False
    size = axes.shape[at[0]]
    return any(_tells(axis, size, len(axes.items)) for axis in axes.items[at[0] + 1 : at[1]])


def _tells(between: Axis, size: int, rank: int) -> bool:
    """True for an axis of another size; of size one, where it came as a channel of pictures."""
    return between.size != size and (between.size > 1 or (rank > 3 and not between.grown))


def looked_up(table: Axis, index: Axis) -> bool:
    """True where entries of a table stand for those of an index, of which more is known.

    The index was made for an axis of another tensor: a step for each sample, the nearest centre.
    A permutation of what is known stays what it is.
    """
    own, given = table.single, index.single
    if given is None or own is given or not given.beside:
        return False
    if own is None:
        return True
    batch = own.role() == (Role.BATCH, True)
    return not batch and not (own.evidence and table.size == index.size)
