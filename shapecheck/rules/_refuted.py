"""Whether a shape contradicts a comment for sure, and why: the bar that a finding has to pass.

A contradiction counts only if it cannot be one of the ways in which right comments differ from
what is seen: another batch size, another length, a sample's numbers, an axis of size 1 that
stands for any size, a name that means something else here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from shapecheck.core.axis import Axis, AxisKind, Role
from shapecheck.core.comment_match import (
    Contradiction,
    Laid,
    fits,
    lay,
    may_mean,
    names_batch,
    stem,
)
from shapecheck.core.evidence import Observation
from shapecheck.rules._stated import Candidate, Claim, Stated, role

Why = Literal["rank", "number", "repeated", "swapped", "doubled", "factor", "name"]
_LARGEST_KERNEL = 16
_FIXED_BY_WEIGHTS = (Role.FEATURE, Role.CLASS, Role.LAYER, Role.HEAD)


@dataclass(frozen=True)
class Refutation:
    """Why a value is not what a comment says: the reading, what contradicts it, and how."""

    why: Why
    laid: Laid
    contradiction: Contradiction
    actual: Observation


def refute(stated: Stated, claim: Claim, candidate: Candidate) -> Refutation | None:
    """Why this value cannot be what the comment speaks of; None where it may be."""
    shape = candidate.shape
    witnesses = stated.witnesses(claim.note, candidate.moment)
    if fits(claim.note, shape, witnesses) is not None or _may_be_squeezed(claim, candidate):
        return None
    if claim.note.maybe_values and _may_show_values(claim, shape):
        return None
    found = []
    for laid in lay(claim.note, shape, witnesses):
        refuted = _refute_laid(stated, claim, candidate, laid)
        if refuted is None:
            return None
        found.append(refuted)
    return found[0] if found else None


def _refute_laid(
    stated: Stated, claim: Claim, candidate: Candidate, laid: Laid
) -> Refutation | None:
    for contradiction in laid.contradictions:
        why = _why(stated, claim, candidate, laid, contradiction)
        if why is not None:
            return Refutation(why, laid, contradiction, candidate.value.actual)
    return None


def _why(
    stated: Stated, claim: Claim, candidate: Candidate, laid: Laid, wrong: Contradiction
) -> Why | None:
    if wrong.fault == "rank":
        return "rank" if _rank_counts(claim, laid) else None
    if wrong.fault in ("name", "number") and _permuted(laid):
        return "swapped"
    if wrong.fault == "number":
        return "number" if _numbers_count(claim, laid) else None
    if wrong.actual == 1 or wrong.expected == {1}:
        return None
    if wrong.fault == "repeated":
        return "repeated"
    assert wrong.axis is not None
    if wrong.axis.kind is AxisKind.SYMBOLIC:
        return "factor" if _other_factor(stated, wrong) else None
    if _doubled(stated, wrong, wrong.axis):
        return "doubled"
    if _multiple(stated, wrong.axis.name, wrong.expected, wrong.actual) is not None:
        return "factor"
    fixed = role(wrong.axis.name) in _FIXED_BY_WEIGHTS
    if fixed and any(stated.agreed(wrong.axis.name, size, claim) for size in wrong.expected):
        return "name"
    if not candidate.primary and not _varies(wrong.axis.name):
        return "name"  # enough to rule out an unlikely reading, not to convict a likely one
    return None


def _varies(name: str) -> bool:
    """Letters mean anything; batches and lengths vary."""
    return len(name) == 1 or "len" in name or role(name) in (Role.BATCH, Role.TIME)


def _rank_counts(claim: Claim, laid: Laid) -> bool:
    """`(batch_size)` is written of what has one axis more; `[1]` of a scalar; `(2, 2)` of a
    kernel, beside an image."""
    axes = laid.spec.axes
    if all(axis.size == 1 for axis in axes):
        return False
    if claim.note.maybe_values and claim.note.enclosed and len(axes) == 2 < len(laid.shape):
        return any(axis.size is not None and axis.size > _LARGEST_KERNEL for axis in axes)
    if len(axes) == 1:
        return claim.note.text.rstrip(" )]").endswith(",") or axes[0].kind is AxisKind.FIXED
    return True


def _numbers_count(claim: Claim, laid: Laid) -> bool:
    """Numbers that cannot be a sample's, another batch's or another length's."""
    wrong = [c for c in laid.contradictions if c.fault == "number"]
    if claim.comment.standing == "docstring":
        return False
    if laid.omitted:
        return True
    places = {c.position - laid.omitted for c in wrong}
    batched = names_batch(laid.spec)
    if not batched and places == {0} and wrong[0].actual not in claim.comment.literals:
        return False  # how many samples there are is for the data and the caller to say
    if not claim.comment.place.function:
        return True
    numbers = all(axis.kind is AxisKind.FIXED and not axis.name for axis in laid.spec.axes)
    return not (numbers and len(laid.spec.axes) > 2 and places <= {0, 1})


def _permuted(laid: Laid) -> bool:
    """The axes that differ have each other's sizes: they are written in another order."""
    wrong = [c for c in laid.contradictions if c.fault in ("name", "number")]
    if len(wrong) < 2 or any(len(c.expected) != 1 for c in wrong):
        return False
    return sorted(c.actual for c in wrong) == sorted(size for c in wrong for size in c.expected)


def _doubled(stated: Stated, wrong: Contradiction, axis: Axis) -> bool:
    """The size is twice the variable's, in code that speaks of two directions."""
    about = stem(axis.name)
    wanted = role(axis.name) in (Role.FEATURE, Role.LAYER) or axis.name in ("H", "L")
    wanted = wanted or "hidden" in about or about == ("layer",)
    return wanted and stated.evidence.doubled and {2 * s for s in wrong.expected} >= {wrong.actual}


def _multiple(stated: Stated, name: str, sizes: frozenset[int], actual: int) -> int | None:
    """The number by which the code itself multiplies this variable to get this size."""
    if _varies(name):
        return None
    return next(
        (
            k
            for n, k in stated.evidence.multiples
            if may_mean(n, name) and {k * s for s in sizes} == {actual}
        ),
        None,
    )


def _other_factor(stated: Stated, wrong: Contradiction) -> bool:
    """`2 * hidden_size` of what has hidden_size, `8 * dim` of what the code makes 4 * dim."""
    assert wrong.axis is not None
    factor = factor_of(wrong.axis)
    if factor is None or _varies(factor[0]) or len(wrong.expected) != 1:
        return False
    name, times = factor
    (expected,) = wrong.expected
    size = frozenset((expected // times,))
    return size == {wrong.actual} or _multiple(stated, name, size, wrong.actual) is not None


def factor_of(axis: Axis) -> tuple[str, int] | None:
    """The name and the number of `2 * hidden_size`."""
    found = re.fullmatch(r"(\d+) \* (\w+)|(\w+) \* (\d+)", axis.expression)
    if found is None:
        return None
    return (found[2], int(found[1])) if found[1] else (found[3], int(found[4]))


def _may_show_values(claim: Claim, shape: tuple[int, ...]) -> bool:
    """`# [2, 3]` beside a vector of two elements may be its content."""
    return len(shape) == 0 or (len(shape) == 1 and shape[0] == len(claim.note.spec.axes))


def _may_be_squeezed(claim: Claim, candidate: Candidate) -> bool:
    """A batch of one that `squeeze()` dropped: with it, the comment would fit."""
    rank = claim.note.spec.rank
    if rank is None or len(candidate.shape) >= rank:
        return False
    for value in candidate.moment.values:
        shape = value.actual.shape or ()
        for kept in _without_ones(shape, rank):
            if fits(claim.note, kept, {}) is not None and _squeezes_to(kept, candidate.shape):
                return True
    return False


def _without_ones(shape: tuple[int, ...], rank: int) -> Iterator[tuple[int, ...]]:
    """The shape with some of its axes of size 1 taken away, not all of them."""
    ones = [i for i, size in enumerate(shape) if size == 1]
    drop = len(shape) - rank
    if 0 <= drop < len(ones) <= 6:
        for places in combinations(ones, drop):
            yield tuple(size for i, size in enumerate(shape) if i not in places)


def _squeezes_to(shape: tuple[int, ...], actual: tuple[int, ...]) -> bool:
    return tuple(s for s in shape if s != 1) == tuple(s for s in actual if s != 1)
