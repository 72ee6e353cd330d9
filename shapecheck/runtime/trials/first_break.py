"""The first operation whose result breaks a law or loses a size, found by comparing two replays."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor, nn

from shapecheck.runtime.replay import Replayed
from shapecheck.runtime.state.snapshot import Live
from shapecheck.runtime.trials.bench import Bench, Change, differs, tolerance
from shapecheck.runtime.trials.probed import Path
from shapecheck.runtime.trials.recorder import Recorder, Recording, Step

_MOST_BYTES = 256 << 20


@dataclass(frozen=True)
class Break:
    """The step at fault, the recording it stands in, and the numbers of the steps it leads to."""

    step: Step
    number: int
    recording: Recording
    onward: tuple[int, ...]


TRAINS = "the call trains on all samples"
DIVERGED = "which operations run depends on the data"
UNTRACED = "where it happens could not be traced"


def recorded(
    bench: Bench,
    change: Change,
    numbers: Mapping[str, int] | None = None,
    *,
    calm: bool = True,
    adjust: Callable[[Live], None] | None = None,
) -> tuple[Replayed, Recording]:
    """A replay with every operation recorded; its outputs are the very tensors returned."""
    recorder = Recorder(_MOST_BYTES)

    def mode(live: Live) -> Recorder:
        recorder.recording.modules = live.modules
        return recorder

    done = bench.run(
        change,
        numbers,
        calm=calm,
        adjust=adjust,
        mode=mode,
        keep=True,
        on_error=recorder.failed,
    )
    return done, recorder.recording


def first_mixing(
    bench: Bench,
    base: Change,
    numbers: Mapping[str, int],
    disturbed: Mapping[frozenset[int], Change],
    size: int,
    output: Path,
    at: int,
) -> tuple[Break | None, str]:
    """The operation on the way to `output` from which on kept samples moved.

    `disturbed` gives a changed call for each set of indices that were kept, of an axis of `size`
    which lies at position `at` of the output.
    Where there is none, the second value says what may stand behind it.
    """
    done, reference = recorded(bench, base, numbers)
    if not done.ok or output not in done.outputs:
        return None, UNTRACED
    way = reference.ancestors(done.outputs[output])
    others: list[tuple[frozenset[int], Recording]] = []
    elsewhere = False
    for kept, change in disturbed.items():
        again, recording = recorded(bench, change, numbers)
        if again.ok:
            others.append((kept, recording))
            elsewhere |= _moved(done.outputs[output], again.outputs.get(output), at, kept)
    shared = alike(reference, [recording for _, recording in others])
    trains = reference.trained_at < len(reference.steps)
    diverged = shared < min(len(reference.steps), reference.trained_at)

    @cache
    def broken(number: int) -> bool:
        moved = [(kept, other.steps[number].results) for kept, other in others]
        return not _respects(reference.steps[number].results, moved, size)

    last = reference.producer.get(id(done.outputs[output]))
    if last is not None and last < shared and broken(last):
        number = min(_sources(reference, last, broken))
    elif last is not None and last < shared and elsewhere:
        number = last  # samples stayed whole, but the axis that holds them is not the declared one
    else:
        steps = sorted(n for n in way or range(len(reference.steps)) if n < shared)
        number = next((n for n in steps if broken(n)), -1)
    if number < 0:
        return None, DIVERGED if diverged else TRAINS if trains else UNTRACED
    onward = _onward(reference, number, way)
    return Break(reference.steps[number], number, reference, onward), ""


def _moved(base: Tensor, other: Tensor | None, at: int, kept: frozenset[int]) -> bool:
    """True where something of the kept samples moved along the declared axis."""
    if other is None or other.shape != base.shape:
        return False
    index = torch.tensor(sorted(kept), device=base.device)
    one = base.detach().index_select(at, index)
    two = other.detach().index_select(at, index)
    return bool(differs(one, two, tolerance(base.detach())).any())


def _sources(recording: Recording, last: int, broken: Callable[[int], bool]) -> set[int]:
    """The broken steps, connected to `last` by broken ones, that none but sound ones feed."""
    found, seen, todo = set(), {last}, [last]
    while todo:
        at = todo.pop()
        parents = [n for n in recording.steps[at].parents if broken(n)]
        if not parents:
            found.add(at)
        todo += [n for n in parents if n not in seen]
        seen.update(parents)
    return found


def alike(reference: Recording, others: list[Recording]) -> int:
    """How many steps all replays have in common, from the first on."""
    known = reference.steps[: reference.trained_at]
    for number, step in enumerate(known):
        if any(not _same_step(step, number, other) for other in others):
            return number
    return len(known)


def _same_step(step: Step, number: int, other: Recording) -> bool:
    if number >= len(other.steps):
        return False
    theirs = other.steps[number]
    mine = [tuple(r.shape) for r in step.results]
    return theirs.name == step.name and [tuple(r.shape) for r in theirs.results] == mine


def _onward(recording: Recording, number: int, way: set[int]) -> tuple[int, ...]:
    """The steps on the way to the output that follow from this one."""
    reached = {number}
    for at in sorted(way):
        if recording.steps[at].parents & reached:
            reached.add(at)
    return tuple(sorted(reached - {number}))


def _respects(
    results: tuple[Tensor, ...], moved: list[tuple[frozenset[int], tuple[Tensor, ...]]], size: int
) -> bool:
    return all(
        _keeps(result, [(kept, theirs[i]) for kept, theirs in moved], size)
        for i, result in enumerate(results)
    )


def _keeps(base: Tensor, moved: list[tuple[frozenset[int], Tensor]], size: int) -> bool:
    """True where some axis of the result holds the samples, and the kept ones did not move.

    The axis may be the samples' own or one that they were flattened into with others.
    """
    within = tolerance(base)
    changed = [(kept, differs(base, other, within)) for kept, other in moved]
    if not any(bool(mask.any()) for _, mask in changed):
        return True
    return any(
        all(_still(mask, axis, length, inner, size, kept) for kept, mask in changed)
        for axis, length in enumerate(base.shape)
        if length and length % size == 0
        for inner in _divisors(length // size)
    )


def _still(
    mask: Tensor, axis: int, length: int, inner: int, size: int, kept: frozenset[int]
) -> bool:
    """No element of a kept sample moved, if `axis` counts samples in steps of `inner`."""
    others = [a for a in range(mask.dim()) if a != axis]
    lines = mask.any(dim=others) if others else mask
    sample = (torch.arange(length, device=mask.device) // inner) % size
    wanted = torch.tensor(sorted(kept), device=mask.device)
    return not bool(lines[torch.isin(sample, wanted)].any())


def _divisors(number: int) -> list[int]:
    return [d for d in range(1, number + 1) if number % d == 0]


def first_lost_size(
    bench: Bench,
    change: Change,
    numbers: Mapping[str, int],
    old: int,
    output: Path,
) -> Break | None:
    """The first operation that does not follow an axis from size `old` to its new one.

    On the way to `output`, an operation that takes changed shapes and gives the old one or another
    rank, or writes the old size.
    """
    done, reference = recorded(bench, {})
    again, recording = recorded(bench, change, numbers)
    if not (done.ok and again.ok) or output not in again.outputs:
        return None
    way = recording.ancestors(again.outputs[output])
    pairs = itertools.zip_longest(reference.steps, recording.steps)
    for number, (mine, theirs) in enumerate(pairs):
        if mine is None or theirs is None or mine.name != theirs.name:
            return None
        if (not way or number in way) and _loses(mine, theirs, old):
            return Break(theirs, number, recording, _onward(recording, number, way))
    last = recording.producer.get(id(again.outputs[output]))
    return None if last is None else Break(recording.steps[last], last, recording, ())


def _loses(mine: Step, theirs: Step, old: int) -> bool:
    before = [tuple(r.shape) for r in mine.results]
    now = [tuple(r.shape) for r in theirs.results]
    if mine.shapes == theirs.shapes:  # the same was taken: only a size written down can be old
        return False
    return (
        now == before
        or any(len(a) != len(b) for a, b in zip(before, now, strict=False))
        or (old > 1 and old in theirs.numbers and any(old in shape for shape in now))
    )


_MASKS = frozenset((
    "masked_fill", "masked_fill_", "where",
))  # fmt: skip


def masking(found: Break) -> Step | None:
    """The operation after the first break that masks: in a causal law it is the one to look at."""
    steps = (found.recording.steps[n] for n in found.onward)
    return next((step for step in steps if step.name in _MASKS), None)


def flags(module: nn.Module) -> list[nn.Module]:
    """The modules in this one, itself among them, that have a `batch_first`."""
    return [m for m in module.modules() if isinstance(getattr(m, "batch_first", None), bool)]


def reads(module: nn.Module | None) -> str:
    """What a layer with a `batch_first` takes: "nn.LSTM(batch_first=False) takes (seq, …)"."""
    held = flags(module) if module is not None else []
    if module is None or not held:
        return ""
    flag = held[0].batch_first
    order = "(batch, seq, feature)" if flag else "(seq, batch, feature)"
    return f"nn.{type(module).__name__}(batch_first={flag}) takes {order}"


def described(step: Step) -> str:
    """The operation as a reader would write it: `softmax(dim=0): (4, 3) → (4, 3)`."""
    options = {k: v for k, v in step.options.items() if k != "args" and not k.startswith("_")}
    named = [f"{k}={v}" for k, v in options.items() if v is not None]
    plain = [_brief(a) for a in step.options.get("args", ())]
    if step.name == "__getitem__":
        call = f"[{_index(step)}]"
    elif step.module is not None:
        call = f"nn.{type(step.module).__name__}"
    else:
        call = f"{_SIGNS.get(step.name, step.name)}({', '.join([*plain, *named])})"
    shapes = ", ".join(map(str, step.shapes[:2])) or "()"
    results = ", ".join(str(tuple(r.shape)) for r in step.results[:1])
    return f"{call}: {shapes} → {results}" if results else f"{call}: {shapes}"


_SIGNS = {"add": "+", "sub": "-", "mul": "*", "div": "/", "matmul": "@", "__rsub__": "-"}


def _brief(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return "(" + ", ".join(map(_brief, value)) + ")"
    return str(value) if isinstance(value, (int, float, str, bool)) else type(value).__name__


def _index(step: Step) -> str:
    return ", ".join(map(_piece, _flat(step.options.get("args", ()))))


def _flat(values: object) -> list[object]:
    if isinstance(values, (list, tuple)):
        return [piece for value in values for piece in _flat(value)]
    return [values]


def _piece(index: object) -> str:
    if index is Ellipsis:
        return "..."
    if isinstance(index, slice):
        ends = (index.start, index.stop)
        return ":".join("" if e is None else str(e) for e in ends)
    return str(index)
