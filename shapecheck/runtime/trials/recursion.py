"""Recursions over a table of transitions: a step that leaves its own state out of the reduction.

`alpha = (alpha[:, :, None] + moves).logsumexp(dim=1)` sums over the states that a step comes from:
the state lies along the axis that the reduction runs over. Where the state was only stretched
along that axis, the reduction takes nothing of it: `(alpha[:, :, None] + moves).logsumexp(dim=2)`
is `alpha + moves.logsumexp(dim=1)`, which no one writes so. Since the table is square, it fits.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from shapecheck.core.evidence import Trial
from shapecheck.runtime.trials.bench import Bench
from shapecheck.runtime.trials.excuses import summed
from shapecheck.runtime.trials.first_break import described
from shapecheck.runtime.trials.recorder import Recording, Shape, Step

_SUMS = frozenset(("add", "__add__", "__radd__", "add_", "__iadd__", "sub", "__sub__", "sub_"))
_PRODUCTS = frozenset(("mul", "__mul__", "__rmul__", "mul_", "__imul__", "multiply"))
# A semiring: over what is reduced, and what the terms are put together with.
_PUT_TOGETHER = {
    "logsumexp": _SUMS,
    "max": _SUMS,
    "amax": _SUMS,
    "min": _SUMS,
    "amin": _SUMS,
    "sum": _PRODUCTS,
}
_STRETCHES = frozenset(("expand", "expand_as", "broadcast_to", "contiguous", "clone"))
_PICKS = frozenset(("__getitem__", "select", "narrow", "unbind", "index_select", "split", "chunk"))
_TIMES = 6  # of a recursion; what later ones would tell these do as well

Operand = tuple[int, int]


@dataclass(frozen=True)
class Term:
    """One tensor of a sum (or product): where it comes from and its shape, as the sum aligns it."""

    operand: Operand
    shape: Shape


@dataclass(frozen=True)
class Turn:
    """One time round of a recursion: a reduction over `axis`, of terms put together.

    `carried` are those that come from an earlier time round, `tables` those that are the same each
    time.
    """

    number: int
    axis: int
    first: int
    carried: tuple[Term, ...]
    tables: tuple[Term, ...]


def turns(recording: Recording) -> Iterator[Turn]:
    """A few times round of each recursion in a recording, from the second on."""
    known: dict[tuple[str, object], list[int]] = {}
    for number, step in enumerate(recording.steps):
        axis = _reduced(step)
        if axis is None:
            continue
        times = known.setdefault((step.name, step.place), [])
        times.append(number)
        if not 1 < len(times) <= _TIMES:
            continue
        start = times[0]
        rank = len(step.shapes[0])
        terms = list(_terms(recording, step.operands[0], rank, _PUT_TOGETHER[step.name]))
        carried = [t for t in terms if start in origins(recording, t.operand, start)]
        tables = [t for t in terms if t not in carried and _stays(recording, t.operand, start)]
        if carried and tables:
            yield Turn(number, axis, start, tuple(carried), tuple(tables))


def unreduced(bench: Bench, recording: Recording) -> Iterator[Trial]:
    """One trial for each line at which a recursion leaves its state as it was."""
    seen = set()
    for turn in turns(recording):
        step = recording.steps[turn.number]
        if step.place not in seen and leaves_out(turn):
            seen.add(step.place)
            call = bench.call
            yield Trial(
                call.name, call.place, "alignment", "", "", "broken", pattern="unreduced",
                detail=str(turn.axis), first_break=step.place, operation=described(step),
            )  # fmt: skip


def leaves_out(turn: Turn) -> bool:
    """True where what is carried is one and the same along the axis, and a square table is not."""
    if any(term.shape[turn.axis] != 1 for term in turn.carried):
        return False
    return any(
        table.shape[turn.axis] == size > 1 and table.shape[at] == size
        for term in turn.carried
        for table in turn.tables
        for at, size in enumerate(term.shape)
        if at != turn.axis
    )


def _reduced(step: Step) -> int | None:
    """The one axis that a step reduces."""
    if step.name not in _PUT_TOGETHER or step.error or len(step.operands) != 1:
        return None
    axes = summed(step)
    return next(iter(axes)) if axes is not None and len(axes) == 1 < len(step.shapes[0]) else None


def _terms(
    recording: Recording, operand: Operand, rank: int, names: frozenset[str]
) -> Iterator[Term]:
    """What was put together to one tensor, stretched or not."""
    at, _ = operand
    step = recording.steps[at] if at >= 0 else None
    if step is not None and step.name in names:
        for part in step.operands:
            yield from _terms(recording, part, rank, names)
        return
    if step is not None and step.name in _STRETCHES and step.operands:
        yield from _terms(recording, step.operands[0], rank, names)
        return
    tensor = step.results[operand[1]] if step is not None else recording.given.get(operand[1])
    if tensor is not None and tensor.dim() <= rank:
        yield Term(operand, (1,) * (rank - tensor.dim()) + tuple(tensor.shape))


def _stays(recording: Recording, operand: Operand, start: int) -> bool:
    """True for what was there before the first time, or is made of it without picking a part."""
    made = [recording.steps[at] for at in origins(recording, operand, start)]
    return not any(step.name in _PICKS and step.numbers for step in made)


def origins(recording: Recording, operand: Operand, least: int) -> set[int]:
    """The steps from `least` on that a tensor comes from."""
    found: set[int] = set()
    todo = [operand[0]]
    while todo:
        at = todo.pop()
        if at >= least and at not in found:
            found.add(at)
            todo.extend(recording.steps[at].parents)
    return found
