"""Do the operands of an operation meet index by index? Seen by what moves, not by sizes.

One index of an axis is disturbed at a time, with every operation recorded. Where index k of the
axis moves row k of one operand and other rows of the next, two things meet that do not belong
together: laid along another axis of the same size, or flattened in another order.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import torch
from torch import Tensor

from shapecheck.core.evidence import Trial
from shapecheck.runtime.trials import arguments
from shapecheck.runtime.trials.bench import Bench, Change, same
from shapecheck.runtime.trials.first_break import alike, described, recorded
from shapecheck.runtime.trials.recorder import Recording, Step

_ELEMENTWISE = frozenset((
    "add", "sub", "mul", "div", "truediv", "true_divide", "eq", "ne", "lt", "gt", "le", "ge",
    "maximum", "minimum", "fmax", "fmin", "pow", "and", "or", "xor", "where", "masked_fill",
    "logical_and", "logical_or", "logical_xor", "bitwise_and", "bitwise_or", "lerp", "atan2",
    "addcmul", "addcdiv", "hypot", "mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss",
    "binary_cross_entropy", "binary_cross_entropy_with_logits", "kl_div", "gaussian_nll_loss",
    "poisson_nll_loss", "cosine_similarity", "pairwise_distance", "isclose", "rsub",
))  # fmt: skip
_BY_CLASS = frozenset(("cross_entropy", "nll_loss", "cross_entropy_loss"))
_DIAGONALS = frozenset(("diagonal", "diag", "linalg_diagonal", "trace"))
_MOST_STEPS = 400
_MOST_LIKE = 3  # steps of one kind on one line: a loop repeats itself


@dataclass(frozen=True)
class Held:
    """Where an operand holds the indices of an axis: position from the right, and inner length.

    Element n of that position belongs to index `(n // inner) % size`.
    """

    position: int
    inner: int


class Alignments:
    """The operations of one call, watched for operands that do not meet index by index."""

    def __init__(self, bench: Bench, base: Recording) -> None:
        self.bench, self._base = bench, base

    def trials(self) -> Iterator[Trial]:
        """One trial for the first operation, if any, at which an axis is met out of place."""
        if not self._worth():
            return
        for axis in self.bench.names():
            size = self.bench.size(axis)
            once = all(len(where) == 1 for where in self.bench.carriers(axis).values())
            if size < 2 or not once or self._paired(size) or self.bench.exhausted:
                continue
            for step, how in self._misaligned(axis, size):
                yield self._trial(axis, size, step, how)
                return

    def _paired(self, size: int) -> bool:
        """True where a diagonal makes one of two axes of this size: index k is of both then."""
        alike = [name for name in self.bench.names() if self.bench.size(name) == size]
        return len(alike) > 1 and any(step.name in _DIAGONALS for step in self._base.steps)

    def _worth(self) -> bool:
        """False where there is nothing to meet, or too much to look at."""
        return len(self._base.steps) <= _MOST_STEPS and bool(self._meetings)

    @cached_property
    def _meetings(self) -> list[int]:
        """The steps at which two operands that come from arguments meet."""
        found, seen = list[int](), dict[tuple[object, str], int]()
        for number, step in enumerate(self._base.steps):
            key = (step.place, step.name)
            if _meets(step) and len(step.operands) > 1:
                seen[key] = seen.get(key, 0) + 1
                if seen[key] <= _MOST_LIKE:
                    found.append(number)
        return found

    def _misaligned(self, axis: str, size: int) -> Iterator[tuple[Step, str]]:
        base = self._base
        tries: list[tuple[int, Recording]] = []
        suspects = self._fed(axis)
        for k in dict.fromkeys((0, 1, size // 2, size - 1)):
            change = self._disturbed(axis, size, k)
            done, recording = recorded(self.bench, change, calm=False)
            if not done.ok or self.bench.exhausted:
                return
            tries.append((k, recording))
            shared = alike(base, [r for _, r in tries])
            if len(tries) > 1:
                suspects = [n for n in suspects if n < shared and self._how(n, tries, size) != ""]
            if not suspects:
                return
        for number in suspects:
            if how := self._how(number, tries, size):
                yield base.steps[number], how

    def _disturbed(self, axis: str, size: int, k: int) -> Change:
        """The call with row k alone replaced, by a row that differs from it if there is one.

        Noise upon it, so that no minimum or maximum hides that it moved.
        """
        carriers = self.bench.carriers(axis)
        rows = list(range(size))
        others = sorted(set(rows) - {k}, key=lambda i: (i - k) % size)
        slices = [self.bench.snapshot.leaf(p).movedim(at[0], 0) for p, at in carriers.items()]
        rows[k] = max(others[:8], key=lambda i: sum(not torch.equal(t[i], t[k]) for t in slices))
        return self.bench.change(axis, lambda t, at: arguments.shaken(t, at, rows), {})

    def _fed(self, axis: str) -> list[int]:
        """The meetings of two operands that both come from arguments with the axis."""
        base = self._base
        carriers = {id(t) for t in self._carried(axis, base)}
        fed: set[int] = set()
        for number, step in enumerate(base.steps):
            if step.parents & fed or carriers.intersection(step.leaves):
                fed.add(number)
        found = []
        for number in self._meetings:
            operands = base.steps[number].operands
            if sum((at in fed) if at >= 0 else (which in carriers) for at, which in operands) > 1:
                found.append(number)
        return found

    def _carried(self, axis: str, base: Recording) -> Iterator[Tensor]:
        """The tensors given to the recorded replay that have the shape of an argument with it."""
        shapes = {self.bench.snapshot.leaf(path).shape for path in self.bench.carriers(axis)}
        yield from (t for t in base.given.values() if t.shape in shapes)

    def _how(self, number: int, tries: list[tuple[int, Recording]], size: int) -> str | None:
        """In which way operands of a step do not meet index by index; None: nothing moved yet."""
        base = self._base
        step = base.steps[number]
        operands, still = [], False
        for i in range(len(step.operands)):
            value = base.operand(number, i)
            moved = [(k, recording.operand(number, i)) for k, recording in tries]
            others = [(k, m) for k, m in moved if m is not None and value is not None]
            if value is not None and all(m.shape == value.shape for _, m in others):
                view = _aligned(step, i, value)
                others = [(k, _aligned(step, i, m)) for k, m in others]
                held = _holds(view, others, size)
                still |= held is None
                operands.append((view, held))
        for (one, first), (other, second) in combinations(operands, 2):
            if first and second and not first & second:
                how = _out_of_place(one, first, other, second, size)
                if how == "displaced" and self._as_pairs(size, one, first, other, second):
                    continue
                if how:
                    return how
        return None if still else ""

    def _as_pairs(
        self, size: int, one: Tensor, first: set[Held], other: Tensor, second: set[Held]
    ) -> bool:
        """True where one operand leaves room for the other's indices: all pairs of one axis.

        Room is an axis of size one of its own. No other axis that is declared has the size.
        """
        roomy = any(_room(one, held) for held in second) or any(_room(other, h) for h in first)
        declared = [name for name in self.bench.names() if self.bench.size(name) == size]
        return roomy and len(declared) < 2

    def _trial(self, axis: str, size: int, step: Step, how: str) -> Trial:
        call = self.bench.call
        return Trial(
            call.name, call.place, "alignment", axis, "", "broken",
            before=(size,), seen_sizes=(size,), pattern=how,
            first_break=step.place, operation=described(step),
        )  # fmt: skip


def _meets(step: Step) -> bool:
    name = step.name.strip("_").removeprefix("i") if step.name.startswith("__i") else step.name
    name = name.strip("_")
    return not step.error and (name in _ELEMENTWISE or name in _BY_CLASS)


def _aligned(step: Step, number: int, value: Tensor) -> Tensor:
    """The operand with its axes where those of the others are, counted from the right."""
    value = value.detach()
    if step.name.strip("_") in _BY_CLASS and number == 0 and value.dim() > 1:
        whole = len(step.shapes) > 1 and len(step.shapes[1]) < value.dim()
        return value.movedim(1, 0) if whole else value  # classes first: the rest meets the target
    return value


def _holds(base: Tensor, moved: list[tuple[int, Tensor]], size: int) -> set[Held] | None:
    """Every way in which the indices can be laid out in a tensor, by what moved with which.

    None where fewer than two of them moved anything.
    """
    masks = [(k, ~same(base, other)) for k, other in moved]
    if sum(bool(mask.any()) for _, mask in masks) < 2:
        return None
    found = set()
    for axis, length in enumerate(base.shape):
        if length < 2:
            continue
        others = [a for a in range(base.dim()) if a != axis]
        lines = [(k, mask.any(dim=others) if others else mask) for k, mask in masks]
        for inner in _inners(length, size):
            owner = (torch.arange(length, device=base.device) // inner) % size
            if not any(bool(line[owner != k].any()) for k, line in lines):
                found.add(Held(axis - base.dim(), inner))
    return found


def _inners(length: int, size: int) -> list[int]:
    if length % size == 0:
        ratio = length // size
        return [n for n in range(1, ratio + 1) if ratio % n == 0]
    return [1] if length < size else []  # the first few indices, `x[:n]`


def _out_of_place(
    one: Tensor, first: set[Held], other: Tensor, second: set[Held], size: int
) -> str:
    """How two operands disagree; "" where they form all pairs, or are one, on purpose."""
    if _rearranged(one, other):
        return ""
    for mine in first:
        for theirs in second:
            if mine.position == theirs.position:
                copies = _copied(one, mine, size) and _copied(other, theirs, size)
                return "" if copies else "order"
    varies = any(_varies(one, held) for held in second) or any(_varies(other, h) for h in first)
    return "displaced" if varies else ""


def _copied(tensor: Tensor, held: Held, size: int) -> bool:
    """True where every element of one index is the same: it was repeated to form pairs."""
    rows = tensor.movedim(held.position, 0)
    if rows.shape[0] % size:
        return False
    rows = rows.reshape(-1, size, held.inner, *rows.shape[1:])
    return bool((rows == rows[:1, :, :1]).all())


def _room(tensor: Tensor, held: Held) -> bool:
    """True where the tensor has an axis of size one at that position."""
    return -held.position <= tensor.dim() and tensor.shape[held.position] == 1


def _varies(tensor: Tensor, held: Held) -> bool:
    """True where the tensor has an axis at that position and is not constant along it."""
    if -held.position > tensor.dim() or tensor.shape[held.position] < 2:
        return False
    return not bool((tensor == tensor.narrow(held.position, 0, 1)).all())


def _rearranged(one: Tensor, other: Tensor) -> bool:
    """True where both hold the same values: `s + s.T` asks a tensor about itself."""
    if one.numel() != other.numel() or one.dtype != other.dtype or one.is_complex():
        return False
    return torch.equal(one.flatten().sort().values, other.flatten().sort().values)
