"""The trials of one call: is it the same again, its sizes, its laws, its order."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor, nn

from shapecheck.core.axis import Role, role_of, says_batch
from shapecheck.core.evidence import Skipped, Trial
from shapecheck.core.samples import counts_samples, stem
from shapecheck.runtime.replay import Replayed
from shapecheck.runtime.state.size import state_of
from shapecheck.runtime.trials.bench import Bench, same
from shapecheck.runtime.trials.beside import Beside, beside_time, fixed_by_state, written_down
from shapecheck.runtime.trials.disturbance import WAYS, Disturbance, carried_twice
from shapecheck.runtime.trials.laws import called_causal, law_of
from shapecheck.runtime.trials.one_set import ByWord
from shapecheck.runtime.trials.order import order_trial
from shapecheck.runtime.trials.possession import Possessed, possessed
from shapecheck.runtime.trials.probed import Path, named_axes
from shapecheck.runtime.trials.sizes import Resize, ShapeTrials

_WHOLE = (torch.int64, torch.int32)
_CLASSES = frozenset(("class", "classe", "label", "category", "categorie"))


class Trials:
    """The trials of one call, in order: is it the same again, its sizes, its laws, its order."""

    def __init__(self, bench: Bench, observed: dict[Path, Tensor]) -> None:
        self.bench, self.observed, self.call = bench, observed, bench.call

    def all(self) -> list[Trial | Skipped]:
        """Everything that was tried, or one Skipped with the reason."""
        first = self.bench.run(calm=False)
        why = self._not_the_same(first)
        if why:
            return [Skipped(self.call.name, self.call.place, why)]
        base = self.bench.run() if self.bench.normalises else first
        if not base.ok:
            why = f"in eval mode it raises {base.error}"
            return [Skipped(self.call.name, self.call.place, why)]
        found: list[Trial | Skipped] = []
        for axis in self.bench.names():
            if self.bench.exhausted:
                found.append(Skipped(self.call.name, self.call.place, "no time was left"))
                break
            found += self._axis(axis, base)
        return found

    def _not_the_same(self, first: Replayed) -> str:
        """Why replays of this call prove nothing, or ""."""
        if first.denied:
            return f"the call {first.denied}"
        if first.error:
            return f"called again it raises {first.error}"
        most = self.bench.settings.most_seconds
        if first.seconds - first.copying > most:
            return f"the call takes more than {most:g} s (probe_seconds)"
        if first.seconds > most:
            why = f"takes more than {most:g} s to copy (probe_seconds)"
            return state_of(self.bench.snapshot.arguments(), why)
        for path, tensor in self.observed.items():
            again = first.outputs.get(path)
            if again is None or again.shape != tensor.shape or not bool(same(tensor, again).all()):
                return "called again with the same arguments it returns something else"
        return "" if self.observed or not self.call.outputs else "it returned no declared tensor"

    def _axis(self, axis: str, base: Replayed) -> list[Trial]:
        law, kind = self._law_of(axis)
        by_name, beside = kind is not None, kind is Beside
        if law == "mixes":
            return [self._note(axis, law, "declared to mix")]
        twice = carried_twice(self.bench, axis, base)
        hint = role_of(axis)
        is_batch = says_batch(axis) or (law == "independent" and kind is not Possessed)
        shapes = ShapeTrials(self.bench, axis, base, judged=is_batch)
        found, followed = shapes.trials()
        if beside:
            found = list(written_down(self.bench, axis, found))
        elif kind is ByWord:
            found = [fixed_by_state(trial, self.bench.size(axis)) for trial in found]
        if twice:
            if law:
                found.append(self._note(axis, law, "a tensor carries the axis twice"))
            return found
        if law in WAYS:
            tried = self._law(axis, law, base, followed, kind or Disturbance)
            tried = [self._set_aside(t) for t in tried]
            found += [replace(t, law_by="name") for t in tried] if by_name else tried
        # A size fixed by weights or state has a row of theirs for each place, rightly.
        free = not any(trial.outcome in ("broken", "fixed") for trial in found)
        if law == "independent" and free and not by_name:
            found += order_trial(self.bench, axis, base)
        if (not law or by_name) and hint is not None and hint.role is Role.TIME:
            found += self._dependency(axis, base)
        return found

    def _law_of(self, axis: str) -> tuple[str, type[Disturbance] | None]:
        """The law of an axis, and how it is tried where only a name or words make it one."""
        law = law_of(axis, self.call.laws, confirmed=self._confirmed(axis))
        if law:
            return law, None
        if self._called_causal(axis):
            return "causal", Disturbance
        kinds: dict[type[Disturbance], bool | tuple[str, str] | None] = {
            ByWord: self._in_front(axis),
            Beside: beside_time(axis, self._named()),
            Possessed: possessed(self.call.function, axis, self._named()),
        }
        return next((("independent", kind) for kind, holds in kinds.items() if holds), ("", None))

    def _dependency(self, axis: str, base: Replayed) -> list[Trial]:
        """How outputs depend on an axis without a law: reported, not judged."""
        size = self.bench.size(axis)
        if size < 2 or self.bench.exhausted or base.seconds > 0.01:
            return []  # not worth what it would cost
        disturbance = Disturbance(self.bench, axis, "", {}, {}, base, size)
        return disturbance.patterns()

    def _law(
        self, axis: str, law: str, base: Replayed, followed: Resize | None, kind: type[Disturbance]
    ) -> list[Trial]:
        size = self.bench.size(axis)
        if size > 1:
            return kind(self.bench, axis, law, {}, {}, base, size).trials()
        if followed is None:
            return []
        return kind(
            self.bench, axis, law, followed.change, followed.numbers, followed.done, followed.size
        ).trials()

    def _set_aside(self, trial: Trial) -> Trial:
        """A law that held, with what was taken out of the call for it."""
        if trial.outcome != "held" or trial.law != "independent" or not self.bench.normalises:
            return trial
        return replace(trial, excuse="batch normalisation takes its statistics from the batch")

    def _note(self, axis: str, law: str, excuse: str) -> Trial:
        return Trial(
            self.call.name, self.call.place, "disturbance", axis, law, "skipped",
            excuse=excuse, seen_sizes=(self.bench.size(axis),),
        )  # fmt: skip

    def _called_causal(self, axis: str) -> bool:
        """True for time in what is called causal, unless a flag of that name is off."""
        hint = role_of(axis)
        owner = next(iter(self.bench.snapshot.args), None)
        kind = type(owner).__name__ if isinstance(owner, nn.Module) else ""
        if hint is None or hint.role is not Role.TIME or hint.weak:
            return False
        if not called_causal(self.call.name) and not called_causal(kind):
            return False
        flags = {**self.bench.snapshot.arguments(), **vars(owner)} if kind else {}
        flags = flags or self.bench.snapshot.arguments()
        return not any(v is False and "causal" in k.lower() for k, v in flags.items())

    def _in_front(self, axis: str) -> bool:
        """True for what samples may be called, in front of everything that carries it.

        In a model, in front of two axes or more, or of classes: rows of another table may be meant
        to meet. Beside a batch each sample has several: draws, documents that it looks for.
        """
        if not counts_samples(axis) or any(map(says_batch, self.bench.names())):
            return False
        found = [
            (tuple(i for i, name in enumerate(names) if name == axis), names)
            for names in self._named()
            if axis in names
        ]
        model = self.call.function.__name__ == "forward"
        deep = any(len(names) > 2 or stem(names[-1]) in _CLASSES for _, names in found)
        return (model or deep) and all(where == (0,) for where, _ in found)

    def _named(self) -> list[tuple[str, ...]]:
        """The declared names of the axes of each tensor that the call takes or gives."""
        leaves = [(leaf.spec, self.bench.rank(leaf)) for leaf in self.bench.inputs]
        leaves += [
            (leaf.spec, self.observed[leaf.path].dim())
            for leaf in self.call.outputs
            if leaf.path in self.observed
        ]
        return [named_axes(spec, rank) for spec, rank in leaves]

    def _confirmed(self, axis: str) -> bool:
        """True where something beside its one letter says that an axis is a batch."""
        carriers = self.bench.carriers(axis)
        if any(where != (0,) for where in carriers.values()):
            return False
        others = [leaf for leaf in self.bench.inputs if leaf.path not in carriers]
        if any(not self.bench.snapshot.leaf(leaf.path).is_floating_point() for leaf in others):
            return False  # edges, indices: rows may be told to meet
        if any(self._points_into(axis, path) for path in carriers):
            return False
        deep = any(self.bench.snapshot.leaf(path).dim() > 2 for path in carriers)
        owner = next(iter(self.bench.snapshot.args), None)
        in_module = isinstance(owner, nn.Module) and axis.lower() == "b"
        return deep or in_module or len(carriers) > 1

    def _points_into(self, axis: str, path: Path) -> bool:
        """True for a table of numbers that may be rows of this very axis: each one's neighbours."""
        table = self.bench.snapshot.leaf(path)
        if table.dim() < 2 or table.dtype not in _WHOLE or not table.numel():
            return False
        return int(table.min()) >= 0 and int(table.max()) < self.bench.size(axis)
