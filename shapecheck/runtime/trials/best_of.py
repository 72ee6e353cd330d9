"""How many of the best: a count called `k` that is 1 hides which axis they were taken from.

One index out of each row, or one row out of all: with `k` at 1 the axis that `topk` leaves is
stretched along whatever it meets, (1, n) with (n, 1) to a table of all pairs. Called with 2, what
was taken from each row meets one label a row as before, and what was taken from the other axis
fits nothing.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping

from torch import nn

from shapecheck.core.evidence import Trial
from shapecheck.core.samples import stem
from shapecheck.runtime.state.snapshot import Live
from shapecheck.runtime.trials.bench import Bench
from shapecheck.runtime.trials.first_break import described, recorded
from shapecheck.runtime.trials.recorder import Recording, Shape, Step

_COUNTS = frozenset((
    "k", "top_k", "topk", "k_best", "n_best", "nbest", "best", "top", "beam", "beams", "beam_size",
    "beam_width", "n_beams", "num_beams",
))  # fmt: skip
_SELECTS = frozenset(("topk", "__getitem__", "narrow"))
_ELEMENTWISE = frozenset((
    "add", "radd", "iadd", "sub", "rsub", "isub", "subtract", "mul", "rmul", "imul", "multiply",
    "div", "truediv", "rtruediv", "itruediv", "divide", "true_divide", "eq", "ne", "lt", "gt",
    "le", "ge", "where", "and", "or", "xor", "logical_and", "logical_or", "logical_xor",
    "bitwise_and", "bitwise_or", "minimum", "maximum", "pow", "isclose", "masked_fill",
))  # fmt: skip
_MORE = 2


def best_of(bench: Bench, recording: Recording) -> Iterator[Trial]:
    """One trial for each count of one that the call keeps only because it is one."""
    if not any(step.name in _SELECTS and 1 in step.numbers for step in recording.steps):
        return
    for name in _arguments(bench):
        yield from _tried(bench, recording, name, recorded(bench, {}, {name: _MORE}, calm=False)[1])
    for name in _attributes(bench):

        def more(live: Live, name: str = name) -> None:
            vars(live.args[0])[name] = _MORE

        yield from _tried(bench, recording, name, recorded(bench, {}, calm=False, adjust=more)[1])


def _arguments(bench: Bench) -> Iterator[str]:
    """The integer arguments of one, defaults among them, that are called a count of the best."""
    parameters = inspect.signature(bench.call.function, follow_wrapped=False).parameters
    defaults = {name: p.default for name, p in parameters.items()}
    yield from _of_one({**defaults, **bench.snapshot.arguments()})


def _attributes(bench: Bench) -> Iterator[str]:
    owner = next(iter(bench.snapshot.args), None)
    if isinstance(owner, nn.Module):
        yield from _of_one(vars(owner))


def _of_one(values: Mapping[str, object]) -> Iterator[str]:
    for name, value in values.items():
        if type(value) is int and value == 1 and {name.lower(), stem(name)} & _COUNTS:
            yield name


def _tried(bench: Bench, base: Recording, name: str, more: Recording) -> Iterator[Trial]:
    failed = next((n for n, step in enumerate(more.steps) if step.error), None)
    if failed is None or failed >= len(base.steps):
        return
    mine, theirs = base.steps[failed], more.steps[failed]
    if theirs.name != mine.name or theirs.name.strip("_") not in _ELEMENTWISE:
        return
    along = _stretched(mine.shapes, theirs.shapes)
    if not along or not _selected(base, more, failed):
        return
    call = bench.call
    yield Trial(
        call.name, call.place, "shape", name, "free", "broken", seen_sizes=(1,), before=(1,),
        after=(_MORE,), first_break=theirs.place, latent=True, detail=_said(theirs, along),
        operation=f"{described(mine)}: what was selected meets each of {along}",
    )  # fmt: skip


def _said(step: Step, along: int) -> str:
    return f"{_MORE} of them meet {along} in {described(step)}"


def _stretched(before: tuple[Shape, ...], now: tuple[Shape, ...]) -> int:
    """The size of the table in which what was selected met each of as many others, or 0.

    Its axis of one, of another size now, was stretched along an axis of that size; and the other
    operand along one of its own. One number a row that meets the whole row, `x - best`, is meant.
    """
    if len(before) != 2 or len(now) != 2:
        return 0
    for one, two, other in ((before[0], now[0], before[1]), (before[1], now[1], before[0])):
        if len(one) != len(two) or other not in now:
            continue
        rank = max(len(one), len(other))
        mine, theirs = _padded(one, rank), _padded(other, rank)
        grown = [at for at, size in enumerate(_padded(two, rank)) if (mine[at], size) == (1, _MORE)]
        along = {theirs[at] for at in grown if theirs[at] > _MORE}
        if any(mine[at] in along and theirs[at] == 1 for at in range(rank)):
            return max(along)
    return 0


def _padded(shape: Shape, rank: int) -> Shape:
    return (1,) * (rank - len(shape)) + shape


def _selected(base: Recording, more: Recording, failed: int) -> bool:
    """True where the step takes what was selected by this count, and by no number of its own."""
    reached, todo = set[int](), list(more.steps[failed].parents)
    while todo:
        at = todo.pop()
        if at in reached or at >= len(base.steps):
            continue
        reached.add(at)
        one, two = base.steps[at], more.steps[at]
        if one.name != two.name:
            return False
        if one.name in _SELECTS and one.shapes == two.shapes and one.numbers != two.numbers:
            return True
        todo.extend(two.parents)
    return False
