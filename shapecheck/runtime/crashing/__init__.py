"""The operation that torch refused, alone: done again on stand-ins, with one thing changed."""

from __future__ import annotations

from shapecheck.core.tried import Tried
from shapecheck.runtime.crashing.arguments import dims, indices, laid_out, letters
from shapecheck.runtime.crashing.bench import Bench
from shapecheck.runtime.crashing.earlier import batched, upstream
from shapecheck.runtime.crashing.operands import (
    cast,
    elsewhere,
    exchanged,
    made,
    padded,
    reached,
    repeated,
    sliced,
    stepped,
)
from shapecheck.runtime.crashing.operation import Operation
from shapecheck.runtime.crashing.settings import of_other_rank, other_order, sized

__all__ = ["Operation", "tried"]

_CHANGES = (
    cast,
    laid_out,
    indices,
    elsewhere,
    upstream,
    padded,
    made,
    reached,
    other_order,
    sized,
    of_other_rank,
    exchanged,
    dims,
    letters,
    repeated,
    sliced,
    stepped,
)


def tried(operation: Operation) -> tuple[Tried, ...] | None:
    """Every change after which the operation goes through; None unless it fails alone as it did."""
    if not operation.slots:
        return None  # it is about no tensor: a file, a size
    bench = Bench(operation)
    if not bench.reproduced:
        return None
    found = [one for change in _CHANGES for one in change(bench)]
    if operation.outer is not None:
        found += batched(Bench(operation.outer))
    return tuple(found)
