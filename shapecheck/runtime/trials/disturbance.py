"""Laws tried by same-shape disturbance: keep some indices of an axis, replace the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import torch

from shapecheck.core.evidence import Matrix, Trial
from shapecheck.runtime.replay import Replayed
from shapecheck.runtime.state.snapshot import Live
from shapecheck.runtime.trials import arguments
from shapecheck.runtime.trials.bench import Bench, Change, differs, same, tolerance
from shapecheck.runtime.trials.depend import pattern_of
from shapecheck.runtime.trials.excuses import excuse_for
from shapecheck.runtime.trials.first_break import (
    Break,
    described,
    first_mixing,
    flags,
    masking,
    reads,
)
from shapecheck.runtime.trials.insistence import Insistence
from shapecheck.runtime.trials.probed import Leaf, Path, positions
from shapecheck.runtime.trials.recorder import Step

Kept = frozenset[int]


@dataclass(frozen=True)
class Way:
    """How a law is tried: which rows stand where, and which must not move, for one index."""

    rows: Callable[[int, int], list[int]]
    kept: Callable[[int, int], Kept]


WAYS = {
    "independent": Way(arguments.towards, lambda size, k: frozenset({k})),
    "causal": Way(arguments.after, lambda size, k: frozenset(range(k + 1))),
    "anticausal": Way(arguments.before, lambda size, k: frozenset(range(k, size))),
}


@dataclass
class _Tally:
    """What a series of disturbances showed."""

    held: int = 0
    rounded: int = 0
    raised: list[str] = field(default_factory=list)
    drew: int = 0
    resized: int = 0
    broken: dict[Path, list[Kept]] = field(default_factory=dict)


def answering(bench: Bench, axis: str, base: Replayed, size: int) -> dict[Path, tuple[Leaf, int]]:
    """The outputs that carry the axis once, and where; they answer to a law of the axis."""
    found = {}
    for leaf in bench.call.outputs:
        tensor = base.outputs.get(leaf.path)
        where = () if tensor is None else positions(leaf.spec, tensor.dim(), axis)
        if len(where) == 1 and tensor is not None and tensor.shape[where[0]] == size:
            found[leaf.path] = (leaf, where[0])
    return found


def carried_twice(bench: Bench, axis: str, base: Replayed) -> bool:
    """True where an input or an output carries the axis on two positions."""
    outputs = [
        positions(leaf.spec, base.outputs[leaf.path].dim(), axis)
        for leaf in bench.call.outputs
        if leaf.path in base.outputs
    ]
    return any(len(where) > 1 for where in (*bench.carriers(axis).values(), *outputs))


class Disturbance:
    """Tries one law on one axis, from a call `start` whose replay is `base`."""

    def __init__(
        self,
        bench: Bench,
        axis: str,
        law: str,
        start: Change,
        numbers: Mapping[str, int],
        base: Replayed,
        size: int,
    ) -> None:
        self.bench, self.axis, self.law = bench, axis, law
        self.start, self.numbers, self.base, self.size = start, numbers, base, size
        self.outputs = answering(bench, axis, base, size)

    def changed(self, rows: list[int]) -> Change:
        """The call with the rows of every input that carries the axis moved about."""
        return self.bench.change(
            self.axis, lambda tensor, at: arguments.taken(tensor, at, rows), self.start
        )

    def trials(self) -> list[Trial]:
        """What the law came to: one trial where it held, one for each output that broke it."""
        if not self.outputs:
            return []
        way = WAYS[self.law]
        indices = arguments.spread(self.size, self.bench.settings.samples)
        few = {0, self.size // 2, self.size - 1}  # first, in case there is no time for all
        indices.sort(key=lambda k: k not in few)
        rows = [(way.kept(self.size, k), way.rows(self.size, k)) for k in indices]
        if self.law == "independent":  # neighbours keep extremes in play: let one row replace all
            rows[3:3] = [(frozenset({k}), arguments.crowd(self.size, k)) for k in sorted(few)]
        tally, changes = _Tally(), dict[Kept, Change]()
        for kept, order in rows:
            if len(kept) == self.size:
                continue  # nothing is left to disturb
            if self.bench.exhausted:
                break
            change = self.changed(order)
            if not self._compare(kept, self.bench.run(change, self.numbers), tally):
                changes.setdefault(kept, change)
        if tally.broken and tally.drew:
            excuse = "how much is drawn at random depends on the data"
            return [self._trial("broken", excuse=excuse)]
        if tally.broken:
            return [self._broken(path, changes, kept) for path, kept in tally.broken.items()]
        return [self._unbroken(tally, len(indices))]

    def _compare(self, kept: Kept, done: Replayed, tally: _Tally) -> bool:
        """Count one replay; False where an output of it broke the law."""
        if not done.ok:
            tally.raised.append(done.error or done.denied)
            return True
        drawn = self.base.randomness
        if done.randomness and drawn and not done.randomness.same_as(drawn):
            tally.drew += 1
            return True
        outcome = "held"
        for path, (_, at) in self.outputs.items():
            before, now = self.base.outputs[path], done.outputs.get(path)
            if now is None or now.shape != before.shape:
                outcome = "resized" if outcome == "held" else outcome
                continue
            index = torch.tensor(sorted(kept), device=before.device)
            one, other = before.index_select(at, index), now.index_select(at, index)
            if bool(same(one, other).all()):
                continue
            if bool(differs(one, other, tolerance(before)).any()):
                tally.broken.setdefault(path, []).append(kept)
                outcome = "broken"
            elif outcome == "held":
                outcome = "rounded"
        tally.held += outcome == "held"
        tally.rounded += outcome == "rounded"
        tally.resized += outcome == "resized"
        return outcome != "broken"

    def _unbroken(self, tally: _Tally, asked: int) -> Trial:
        good = tally.held + tally.rounded
        if good:
            said = f"{min(asked, good)} of {self.size} indices of `{self.axis}` tried"
            if tally.rounded:
                said += f", {tally.rounded} of them equal up to rounding"
            return self._trial("held", detail=said)
        if tally.drew:
            return self._trial("skipped", detail="how much is drawn at random depends on the data")
        if tally.resized:
            return self._trial("skipped", detail="the size of the output depends on the data")
        if tally.raised:
            return self._trial("fixed", detail=f"other values raise {tally.raised[0]}")
        return self._trial("skipped", detail="no time was left")

    def _trial(self, outcome: str, **more: object) -> Trial:
        call = self.bench.call
        facts: dict[str, object] = {
            "function": call.name,
            "place": call.place,
            "kind": "disturbance",
            "axis": self.axis,
            "law": self.law,
            "outcome": outcome,
            "seen_sizes": (self.bench.size(self.axis),),
            "before": (self.size,),
            **more,
        }
        return Trial(**facts)  # type: ignore[arg-type] # the fields are those of Trial

    def _broken(self, path: Path, changes: Mapping[Kept, Change], kept: list[Kept]) -> Trial:
        leaf, at = self.outputs[path]
        matrix = self.matrix(path, at)
        facts: dict[str, object] = {
            "output": str(leaf),
            "output_axis": self.axis,
            "declared": leaf.spec.text,
            "matrix": matrix,
            "pattern": pattern_of(matrix) if matrix else "",
        }
        few = {k: changes[k] for k in _some(kept)}
        found, otherwise = first_mixing(
            self.bench, self.start, self.numbers, few, self.size, path, at
        )
        if found is None:
            return self._trial("broken", excuse=otherwise, **facts)
        step = (None if self.law == "independent" else masking(found)) or found.step
        excuse = self.excuse(found)
        insists = self.insists(found, excuse, few, path, at)
        return self._trial(
            "broken",
            detail=f"{excuse}, but {insists}" if insists else "",
            first_break=step.place,
            operation=described(step),
            reads=reads(step.module),
            excuse="" if insists else excuse,
            remedy=self._remedy(step, found, few),
            **facts,
        )

    def excuse(self, found: Break) -> str:
        """Why the mixing that starts here is meant, or ""."""
        return excuse_for(found, self.size)

    def insists(
        self, found: Break, excuse: str, few: Mapping[Kept, Change], path: Path, at: int
    ) -> str:
        """Why mixing that would be excused is a slip after all, or ""."""
        if not excuse or self.law != "independent" or self.start:
            return ""
        return Insistence(self.bench, self.axis).why(found, excuse, few, path, at)

    def _remedy(self, step: Step, found: Break, few: Mapping[Kept, Change]) -> str:
        """`batch_first` the other way round, if the law holds with it."""
        modules = found.recording.modules
        at = next((i for i, m in enumerate(modules) if m is step.module), None)
        if at is None or step.module is None or not flags(step.module):
            return ""
        wanted = not flags(step.module)[0].batch_first

        def turned(live: Live) -> None:
            for module in flags(live.modules[at]):
                module.__dict__["batch_first"] = wanted

        base = self.bench.run(self.start, self.numbers, adjust=turned)
        tally, before = _Tally(), self.base
        self.base = base
        for kept, change in few.items():
            self._compare(kept, self.bench.run(change, self.numbers, adjust=turned), tally)
        self.base = before
        good = base.ok and tally.held + tally.rounded == len(few)
        return f"nn.{type(step.module).__name__}(…, batch_first={wanted})" if good else ""

    def patterns(self) -> list[Trial]:
        """Which output indices move with which input index, output by output."""
        found = []
        for path, (leaf, at) in self.outputs.items():
            matrix = self.matrix(path, at)
            if matrix is not None:
                trial = self._trial(
                    "held",
                    output=str(leaf),
                    output_axis=self.axis,
                    declared=leaf.spec.text,
                    matrix=matrix,
                    pattern=pattern_of(matrix),
                )
                found.append(replace(trial, kind="dependency"))
        return found

    def matrix(self, path: Path, at: int, most: int | None = None) -> Matrix | None:
        """`matrix[o][i]`: whether output index o moved when input index i alone was disturbed."""
        indices = arguments.spread(self.size, most or self.bench.settings.matrix)
        columns = []
        for i in indices:
            done = self.bench.run(self.changed(arguments.alone(self.size, i)), self.numbers)
            before, now = self.base.outputs[path], done.outputs.get(path)
            if now is None or now.shape != before.shape:
                return None
            moved = ~same(before, now)
            others = [a for a in range(moved.dim()) if a != at]
            lines = moved.any(dim=others) if others else moved
            length = lines.numel()
            chosen = indices if length == self.size else arguments.spread(length, len(indices))
            columns.append([bool(lines[o]) for o in chosen])
        return tuple(zip(*columns, strict=True))


def _some(kept: list[Kept]) -> list[Kept]:
    """A few of the indices that broke, the ends among them: enough to follow an axis."""
    return [kept[i] for i in arguments.spread(len(kept), 4)]
