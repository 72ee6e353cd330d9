"""Sums laid across: a tensor divided by its own sums, or weighted, along the wrong one of two axes.

Where two axes have one size, no shape tells rows from columns, but values do. A tensor divided by
the sums of its rows has rows that add up to one, if each row meets its own sum. Where the divisor
is the sums of the rows and lies along the columns, nothing adds up to one. And weights of which
the rows add up to one give means where the sum runs over the row.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import permutations

import torch
from torch import Tensor

from shapecheck.core.evidence import Trial
from shapecheck.runtime.flow.statistics.shares import PUSHES
from shapecheck.runtime.trials.bench import Bench
from shapecheck.runtime.trials.first_break import described
from shapecheck.runtime.trials.probed import Leaf, named_axes
from shapecheck.runtime.trials.recorder import Recording, Step

Statistic = Callable[[Tensor, int], Tensor]

_MOST_ELEMENTS = 100_000
_FEWEST = 3  # values of which all agree: two may do so by chance
_QUOTIENTS: dict[str, Statistic] = {
    "sums": lambda x, d: x.sum(d, keepdim=True),
    "means": lambda x, d: x.mean(d, keepdim=True),
    "largest values": lambda x, d: x.amax(d, keepdim=True),
    "norms": lambda x, d: x.norm(dim=d, keepdim=True),
    "deviations": lambda x, d: x.std(d, keepdim=True),
}
_DIFFERENCES: dict[str, Statistic] = {
    "means": _QUOTIENTS["means"],
    "largest values": _QUOTIENTS["largest values"],
    "smallest values": lambda x, d: x.amin(d, keepdim=True),
    "logarithms of sums": lambda x, d: x.logsumexp(d, keepdim=True),
}
_DIVIDES = frozenset(("div", "truediv", "true_divide", "divide", "itruediv"))
_SUBTRACTS = frozenset(("sub", "subtract", "isub"))
_AVERAGES = re.compile(
    r"\b(?:means?|averages?) (?:of|over)\b|\baverag(?:es|ed|ing) (?:of|over|its|the|their|all)\b",
    re.IGNORECASE,
)


def crossed(bench: Bench, recording: Recording) -> Iterator[Trial]:
    """One trial for each line at which sums meet the wrong axis, from one recorded replay."""
    seen = set()
    for number, step in enumerate(recording.steps):
        if step.place in seen or step.error or len(step.operands) != 2:
            continue
        found = _by_own(recording, number) or _unsummed(bench, recording, number)
        if found:
            seen.add(step.place)
            yield _trial(bench, step, *found)


def _trial(bench: Bench, step: Step, pattern: str, detail: str) -> Trial:
    call = bench.call
    return Trial(
        call.name, call.place, "alignment", "", "", "broken", pattern=pattern, detail=detail,
        first_break=step.place, operation=described(step),
    )  # fmt: skip


# Divided by its own sums


def _by_own(recording: Recording, number: int) -> tuple[str, str] | None:
    """What a tensor is divided by (or less of), where it is its own and lies across."""
    step = recording.steps[number]
    statistics = _statistics_of(step)
    whole, part = recording.operand(number, 0), recording.operand(number, 1)
    if not statistics or whole is None or part is None or not _fit(whole, part):
        return None
    whole, part = whole.detach().double(), part.detach().double()
    part = part.reshape((1,) * (whole.dim() - part.dim()) + part.shape)
    laid = _long(part)
    for name, statistic in statistics.items():
        axes = [d for d, size in enumerate(whole.shape) if size > 1]
        for over in axes:
            wanted = statistic(whole, over)
            if not _alike(wanted, part) or _long(wanted) == laid:
                continue
            if any(_equal(statistic(whole, d), part) for d in axes):
                continue  # of a symmetric tensor: either way is right
            if not _both_ways(recording, number, wanted):
                return "crossed", f"{name} over axis {over}, laid along axis {_last(laid, over)}"
    return None


def _statistics_of(step: Step) -> dict[str, Statistic]:
    name = step.name.strip("_")
    return _QUOTIENTS if name in _DIVIDES else _DIFFERENCES if name in _SUBTRACTS else {}


def _fit(whole: Tensor, part: Tensor) -> bool:
    """True where the one may hold statistics of the other, of enough values that differ."""
    real = whole.is_floating_point() and not part.is_complex()
    small = part.numel() < whole.numel() <= _MOST_ELEMENTS
    return real and small and part.numel() >= _FEWEST and part.dim() <= whole.dim() > 1


def _long(part: Tensor) -> tuple[int, ...]:
    return tuple(i for i, size in enumerate(part.shape) if size > 1)


def _last(laid: tuple[int, ...], over: int) -> int:
    return over if over in laid else laid[-1]


def _alike(wanted: Tensor, part: Tensor) -> bool:
    """True where both hold the same values, in the same order, and not one value alone."""
    one, other = wanted.squeeze(), part.squeeze()
    if one.shape != other.shape or one.dim() == 0:
        return False
    near = torch.isclose(one, other, rtol=1e-3, atol=0) | (one == 0)  # `clamp(min=1)` of none
    told = one[one != 0]
    if told.numel() < _FEWEST or not bool(near.all()):
        return False
    return bool(told.max() - told.min() > 0.01 * told.abs().max())


def _equal(wanted: Tensor, part: Tensor) -> bool:
    return wanted.shape == part.shape and torch.allclose(wanted, part, rtol=1e-3)


def _both_ways(recording: Recording, number: int, wanted: Tensor) -> bool:
    """True where the same statistic is laid along its own axis as well: `D⁻¹ A D⁻¹`."""
    for other, step in enumerate(recording.steps):
        if other == number or not _statistics_of(step):
            continue
        part = recording.operand(other, 1)
        if part is not None and part.dim() == wanted.dim() and _equal(wanted, part.double()):
            return True
    return False


# Weighted sums


def _unsummed(bench: Bench, recording: Recording, number: int) -> tuple[str, str] | None:
    """Weights of a square whose rows add up to one, summed over the rows."""
    step = recording.steps[number]
    sides = _contracted(step)
    if sides is None or _pushes(bench, step):
        return None
    for side, (summed, kept) in enumerate(sides):
        if side and step.name != "einsum":
            break  # `state @ chain` pushes what a state has along its row
        weights, values = recording.operand(number, side), recording.operand(number, 1 - side)
        if weights is None or values is None or weights.dim() < 2 or values.dim() < 2:
            continue
        if weights.shape[summed] != weights.shape[kept]:
            continue
        if not (_declared_square(bench, weights) or _said_to_average(bench, step, weights)):
            continue
        if _one(weights, kept) and not _one(weights, summed) and not _one(values, None):
            return "unsummed", f"rows along axis {kept % weights.dim()} add up to one"
    return None


def _pushes(bench: Bench, step: Step) -> bool:
    return bool(PUSHES.search(f"{bench.call.name} {step.place.function}"))


def _said_to_average(bench: Bench, step: Step, weights: Tensor) -> bool:
    """True where the function says that it takes a mean, and these weights are made of a square.

    Weights that add up to one along no sum give no mean, and the function has one sum alone.
    """
    function = bench.call.function
    said = " ".join((function.__doc__ or "").split())
    own = function.__qualname__ == step.place.function
    squares = {tuple(bench.snapshot.leaf(leaf.path).shape) for leaf in _squares(bench)}
    return own and bool(_AVERAGES.search(said)) and tuple(weights.shape) in squares


def _squares(bench: Bench) -> Iterator[Leaf]:
    """The arguments that are declared with one axis twice and not called after a push."""
    for leaf in bench.inputs:
        names = [name for name in named_axes(leaf.spec, bench.rank(leaf)) if name]
        if len(set(names)) < len(names) and not PUSHES.search(str(leaf)):
            yield leaf


def _contracted(step: Step) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """For each operand of a product, the axis that is summed and the one that is kept."""
    if step.name in ("matmul", "__matmul__", "mm", "bmm"):
        return (-1, -2), (-2, -1)
    given = step.options.get("args") or ("",)
    if step.name != "einsum" or not isinstance(given[0], str) or "." in given[0]:
        return None
    inputs, _, output = given[0].replace(" ", "").partition("->")
    left, _, right = inputs.partition(",")
    summed = (set(left) & set(right)) - set(output)
    if len(summed) != 1:
        return None
    letter = summed.pop()
    kept = [
        [x for x in side if x in output and x not in other]
        for side, other in ((left, right), (right, left))
    ]
    if any(len(letters) != 1 for letters in kept):
        return None
    return (
        (left.index(letter), left.index(kept[0][0])),
        (right.index(letter), right.index(kept[1][0])),
    )


def _declared_square(bench: Bench, weights: Tensor) -> bool:
    """True for an argument, turned or not, that is declared with one axis twice: `node node`."""
    for leaf in _squares(bench):
        tensor = bench.snapshot.leaf(leaf.path)
        for order in permutations(range(tensor.dim())):
            turned = tensor.permute(order)
            if turned.shape == weights.shape and torch.equal(turned, weights):
                return True
    return False


def _one(weights: Tensor, axis: int | None) -> bool:
    """True where the values along an axis (or some axis) add up to one and none is negative."""
    if not weights.is_floating_point() or bool((weights < 0).any()):
        return False
    axes = range(weights.dim()) if axis is None else (axis,)
    for each in axes:
        sums = weights.detach().double().sum(each)
        some = sums[sums != 0]
        if some.numel() >= _FEWEST and torch.allclose(some, torch.ones_like(some), atol=1e-3):
            return True
    return False
