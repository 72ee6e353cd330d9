"""The two ends of a square table of transitions: which of them comes before the other.

`moves[tags[:, :-1], tags[:, 1:]]` reads rows as *from* and columns as *to*. So does a recursion
whose state lies along the rows of `moves` while time goes forward. Either order is right, but one
module has one order: what `score` reads as (from, to) and `partition` as (to, from) is two tables.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from shapecheck.core.evidence import Trial
from shapecheck.core.site import Place
from shapecheck.runtime.trials.bench import Bench
from shapecheck.runtime.trials.first_break import described
from shapecheck.runtime.trials.recorder import Recording, Step
from shapecheck.runtime.trials.recursion import Operand, Turn, leaves_out, origins, turns

_VALUES = frozenset((
    "exp", "log", "softmax", "log_softmax", "to", "float", "double", "contiguous", "clone",
    "detach", "masked_fill", "clamp", "relu", "sigmoid", "softplus",
))  # fmt: skip
_TURNED = frozenset(("t", "T", "mT", "transpose", "swapaxes"))
_LAID = frozenset(("unsqueeze", "view", "reshape", "expand", "__getitem__", *_VALUES))
_SHAPES = frozenset(("long", "int", "to", "view", "reshape", "squeeze", "unsqueeze", "flatten",
                     "contiguous", "clone", "detach"))  # fmt: skip
_REORDERS = frozenset((
    "flip", "fliplr", "flipud", "roll", "sort", "argsort", "gather", "index_select", "stack",
    "take_along_dim",
))  # fmt: skip
_TIMES = 6  # at one place; it reads a table in one order
_BACKWARDS = re.compile(r"backward|revers|flip|mirror|invers|transpos|adjoint", re.IGNORECASE)


@dataclass(frozen=True)
class Use:
    """A place at which one end of a table is known to come before the other.

    `earlier` is that end's axis. It is known from an *index* by two slices of one tensor, or from
    the *state* of a recursion.
    """

    table: str
    earlier: int
    kind: Literal["index", "state"]
    place: Place
    function: str
    operation: str


class Ends:
    """What is known of the ends of every table, over all calls of a run."""

    def __init__(self) -> None:
        self._uses: dict[str, list[Use]] = {}
        self._told: set[str] = set()

    def contradicted(self, bench: Bench, recording: Recording) -> Iterator[Trial]:
        """One trial for each table that is read in both orders, as soon as that is known.

        One is an index, the other a recursion: two recursions may run either way unseen, and
        where there is none, the table may be one of neighbours, without a before.
        """
        for use in uses(bench, recording):
            known = self._uses.setdefault(use.table, [])
            if use not in known:
                known.append(use)
            others = [k for k in known if k.earlier != use.earlier]
            pair = next((k for k in others if k.kind != use.kind), None)
            if pair is not None and use.table not in self._told:
                self._told.add(use.table)
                yield _trial(bench, *self._ordered(use, pair))

    def _ordered(self, one: Use, other: Use) -> tuple[Use, Use]:
        """The use that stands alone first; of one each, the index."""
        known = self._uses[one.table]
        count = {use: sum(k.earlier == use.earlier for k in known) for use in (one, other)}
        if count[one] != count[other]:
            return (one, other) if count[one] < count[other] else (other, one)
        return (one, other) if one.kind == "index" else (other, one)


def _trial(bench: Bench, here: Use, there: Use) -> Trial:
    return Trial(
        here.function, bench.call.place, "alignment", "", "", "broken", pattern="ends",
        output=here.table, before=(here.earlier,), after=(there.earlier,), first_break=here.place,
        operation=here.operation, detail=f"{there.operation} (line {there.place.line})",
    )  # fmt: skip


def uses(bench: Bench, recording: Recording) -> Iterator[Use]:
    """Each place at which a call shows which end of a table comes first."""
    tables = _tables(recording)
    if not tables or _BACKWARDS.search(bench.call.name):
        return
    seen: Counter[Place] = Counter()
    for number, step in enumerate(recording.steps):
        if step.name == "__getitem__" and len(step.operands) == 3 and seen[step.place] < _TIMES:
            seen[step.place] += 1
            yield from _indexed(bench, recording, tables, number)
    for turn in turns(recording):
        yield from _carried(bench, recording, tables, turn)


def _tables(recording: Recording) -> dict[int, str]:
    """The square parameters and buffers among what was given, by identity: `Chain.moves`."""
    found = {}
    for module in recording.modules:
        kept = [*module._parameters.items(), *module._buffers.items()]
        for name, tensor in kept:
            if tensor is not None and tensor.dim() == 2 and 1 < len(tensor) == tensor.shape[1]:
                found[id(tensor)] = f"{type(module).__qualname__}.{name}"
    given = {id(tensor) for tensor in recording.given.values()}
    return {identity: name for identity, name in found.items() if identity in given}


def _source(
    recording: Recording, tables: dict[int, str], operand: Operand, through: frozenset[str]
) -> tuple[str, bool] | None:
    """The table that an operand is, and whether it was turned over on the way."""
    turned = False
    while operand[0] >= 0:
        step = recording.steps[operand[0]]
        if step.name in _TURNED and len(step.shapes[0]) == 2:
            turned = not turned
        elif step.name not in through or len(step.operands) != 1 or not _same_order(step):
            return None
        operand = step.operands[0]
    name = tables.get(operand[1])
    return (name, turned) if name else None


def _same_order(step: Step) -> bool:
    """True where only axes of one came or went."""
    before = [size for size in step.shapes[0] if size > 1]
    now = [size for size in step.results[0].shape if size > 1] if step.results else []
    return before == now


# By an index


def _indexed(
    bench: Bench, recording: Recording, tables: dict[int, str], number: int
) -> Iterator[Use]:
    step = recording.steps[number]
    source = _source(recording, tables, step.operands[0], _VALUES)
    if source is None or step.numbers or len(step.shapes[0]) != 2:
        return
    first, second = (_moment(recording, operand) for operand in step.operands[1:])
    if first is None or second is None or first[:2] != second[:2] or first[2] == second[2]:
        return
    earlier = 0 if first[2] < second[2] else 1
    name, turned = source
    yield Use(name, earlier ^ turned, "index", step.place, bench.call.name, described(step))


def _moment(recording: Recording, operand: Operand) -> tuple[Operand, tuple[int, ...], int] | None:
    """What a slice was cut from, along which axes, and how far along them it begins."""
    axes: list[int] = []
    offset = 0
    while operand[0] >= 0:
        step = recording.steps[operand[0]]
        if step.name == "__getitem__" and len(step.operands) == 1:
            cut = _cut(step.options.get("args", ()))
            if cut is None:
                break
            axes.append(cut[0])
            offset += cut[1]
        elif step.name == "unbind":
            offset += operand[1]
            axes.append(-1)
        elif step.name not in _SHAPES or len(step.operands) != 1:
            break
        operand = step.operands[0]
    if not axes or _reordered(recording, operand):
        return None
    return operand, tuple(axes), offset


def _reordered(recording: Recording, operand: Operand) -> bool:
    """True where the moments of a tensor may stand in another order than time."""
    made = origins(recording, operand, 0)
    return any(recording.steps[at].name in _REORDERS for at in made)


def _cut(args: object) -> tuple[int, int] | None:
    """The axis that an index cuts, and where it begins: `[:, 1:]` is (1, 1), `[:, t]` is (1, t)."""
    index = args[0] if isinstance(args, (list, tuple)) and len(args) == 1 else None
    parts = index if isinstance(index, tuple) else (index,)
    if any(part is None or part is Ellipsis for part in parts):
        return None
    begins = [
        (axis, part.start or 0 if isinstance(part, slice) else part)
        for axis, part in enumerate(parts)
        if part != slice(None)
    ]
    steps = [part.step for part in parts if isinstance(part, slice)]
    if len(begins) != 1 or any(step not in (None, 1) for step in steps):
        return None
    axis, begin = begins[0]
    return (axis, begin) if type(begin) is int and begin >= 0 else None


# By the state of a recursion


def _carried(
    bench: Bench, recording: Recording, tables: dict[int, str], turn: Turn
) -> Iterator[Use]:
    direction = 0 if leaves_out(turn) else _direction(recording, turn)
    for table in turn.tables if direction else ():
        source = _source(recording, tables, table.operand, _LAID)
        ends = [at for at, size in enumerate(table.shape) if size > 1]
        if source is None or len(ends) != 2:
            continue
        lies = {at for term in turn.carried for at in ends if term.shape[at] > 1}
        if len(lies) != 1:
            continue
        end = ends.index(lies.pop()) ^ source[1]
        step = recording.steps[turn.number]
        yield Use(
            source[0],
            end if direction > 0 else 1 - end,
            "state",
            step.place,
            bench.call.name,
            described(step),
        )


def _direction(recording: Recording, turn: Turn) -> int:
    """1 where the moments that a recursion reads go forward, -1 backward, 0 where none tells."""
    if any(_reordered(recording, term.operand) for term in turn.carried):
        return 0
    read: dict[Place, list[int]] = {}
    start = max(0, _begin(recording, turn))
    for step in recording.steps[start : turn.number]:
        if step.name == "__getitem__" and len(step.operands) == 1:
            picked = _picked(step.options.get("args", ()))
            if picked is not None:
                read.setdefault(step.place, []).append(picked)
        for at, which in step.operands:
            if at >= 0 and recording.steps[at].name == "unbind":
                read.setdefault(step.place, []).append(which)
    ways = {_way(moments) for moments in read.values() if len(set(moments)) > 1}
    return ways.pop() if len(ways) == 1 else 0


def _begin(recording: Recording, turn: Turn) -> int:
    """Where the loop begins: as many steps before its first time round as one round has."""
    rounds = [
        number
        for number in range(turn.first, turn.number + 1)
        if recording.steps[number].place == recording.steps[turn.first].place
        and recording.steps[number].name == recording.steps[turn.first].name
    ]
    return turn.first - (rounds[1] - rounds[0]) + 1 if len(rounds) > 1 else turn.first


def _picked(args: object) -> int | None:
    """The one index that was picked along an axis, from the end where it is negative."""
    index = args[0] if isinstance(args, (list, tuple)) and args else None
    parts = index if isinstance(index, tuple) else (index,)
    picked = [part for part in parts if type(part) is int]
    return picked[0] if len(picked) == 1 else None


def _way(moments: list[int]) -> int:
    later = [b - a for a, b in itertools.pairwise(moments)]
    return 1 if min(later) > 0 else -1 if max(later) < 0 else 0
