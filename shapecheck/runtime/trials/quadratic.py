"""A covariance moved by a matrix: `A S Aᵀ`, with `A` turned on one side and not on the other.

`A S A` of a symmetric `S` is not symmetric where `A` is not, so it is no covariance any more. And
where rows of states move by `x @ A`, their covariance moves by `Aᵀ S A`, not by `A S Aᵀ`. All sizes
agree, since `A` is square.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import torch
from torch import Tensor

from shapecheck.core.evidence import Trial
from shapecheck.runtime.trials.bench import Bench
from shapecheck.runtime.trials.first_break import described
from shapecheck.runtime.trials.probed import Leaf, named_axes
from shapecheck.runtime.trials.recorder import Recording, Step

_PRODUCTS = frozenset(("matmul", "__matmul__", "mm", "bmm"))
_COVARIANCE = re.compile(r"cov|spread|sigma|variance|uncertain", re.IGNORECASE)


def unturned(bench: Bench, recording: Recording) -> Iterator[Trial]:
    """One trial for each line at which a covariance is multiplied alike from both sides, or a
    state by the transpose of what its covariance is multiplied by."""
    seen = set()
    for number, step in enumerate(recording.steps):
        found = _alike(bench, recording, number) or _apart(bench, recording, number)
        if step.place not in seen and found:
            seen.add(step.place)
            call, (pattern, name) = bench.call, found
            yield Trial(
                call.name, call.place, "alignment", "", "", "broken", pattern=pattern,
                detail=name, first_break=step.place, operation=described(step),
            )  # fmt: skip


def _alike(bench: Bench, recording: Recording, number: int) -> tuple[str, str] | None:
    """The name of the covariance between two equal factors."""
    outer = recording.steps[number]
    if not _product(outer):
        return None
    for side, (at, _) in enumerate(outer.operands):
        inner = recording.steps[at] if at >= 0 else None
        if inner is None or not _product(inner):
            continue
        factor = outer.operands[1 - side]
        if inner.operands[side] == factor and factor[0] < 0:
            name = _moves(bench, recording, (number, 1 - side), (at, 1 - side))
            if name:
                return "unturned", name
    return None


def _apart(bench: Bench, recording: Recording, number: int) -> tuple[str, str] | None:
    """Rows of states that move by `x @ A`, where their covariance moves by `A S Aᵀ`."""
    step = recording.steps[number]
    rows, matrix = recording.operand(number, 0), recording.operand(number, 1)
    if not _product(step) or rows is None or matrix is None or step.operands[1][0] >= 0:
        return None
    state = _argument(bench, rows)
    if state is None or rows.shape[-1:] != matrix.shape[-1:] or _COVARIANCE.search(str(state)):
        return None
    for at, inner in enumerate(recording.steps):
        if not _product(inner) or inner.operands[0] != step.operands[1]:
            continue
        after = [
            outer
            for outer in recording.steps
            if _product(outer) and outer.operands[0] == (at, 0) and _turns(recording, outer, matrix)
        ]
        name = _moves(bench, recording, (at, 0), (at, 1)) if after else ""
        names = [named_axes(leaf.spec, bench.rank(leaf)) for leaf in bench.inputs]
        last = [n for leaf, n in zip(bench.inputs, names, strict=True) if str(leaf) == name]
        axis = named_axes(state.spec, bench.rank(state))[-1:]
        if name and axis and last and axis[0] and last[0].count(axis[0]) == 2:
            return "apart", name
    return None


def _turns(recording: Recording, outer: Step, matrix: Tensor) -> bool:
    """True where the second factor of a product is the transpose of a matrix."""
    at, which = outer.operands[1]
    if at < 0:
        return False
    factor = recording.steps[at].results[which]
    return factor.shape == matrix.mT.shape and torch.equal(factor, matrix.mT)


def _moves(
    bench: Bench, recording: Recording, matrix: tuple[int, int], middle: tuple[int, int]
) -> str:
    """The name of the covariance that an asymmetric matrix is multiplied with, or ""."""
    one, other = recording.operand(*matrix), recording.operand(*middle)
    moved = one is not None and other is not None and _moved(one, other)
    leaf = _argument(bench, other) if moved and other is not None else None
    return str(leaf) if leaf is not None and _COVARIANCE.search(str(leaf)) else ""


def _product(step: Step) -> bool:
    return step.name in _PRODUCTS and len(step.operands) == 2 and not step.error


def _moved(matrix: Tensor, middle: Tensor) -> bool:
    """True for a square matrix that is not symmetric, on either side of symmetric ones."""
    sizes = {*matrix.shape[-2:], *middle.shape[-2:]}
    if matrix.dim() < 2 or middle.dim() < 2 or len(sizes) > 1 or sizes == {1}:
        return False
    return not _symmetric(matrix) and _symmetric(middle)


def _symmetric(matrix: Tensor) -> bool:
    return torch.allclose(matrix, matrix.mT, rtol=1e-4, atol=1e-5)


def _argument(bench: Bench, tensor: Tensor) -> Leaf | None:
    """The argument that a tensor is."""
    for leaf in bench.inputs:
        given = bench.snapshot.leaf(leaf.path)
        if given.shape == tensor.shape and torch.equal(given, tensor):
            return leaf
    return None
