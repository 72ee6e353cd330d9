"""The trials of a call that no annotation speaks of: its samples are those that tracking knows.

The law is that of every batch: sample k of each output follows from sample k of the inputs. Which
outputs answer to it is seen, not guessed: those of which one axis follows the batch to another
size. What is drawn at random, kept over calls or mixed on purpose stays silent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from torch import Tensor

from shapecheck.core.evidence import Skipped, Trial
from shapecheck.core.grammar import parse_shape
from shapecheck.core.spec import Spec
from shapecheck.runtime.replay import Replayed
from shapecheck.runtime.state.snapshot import Live
from shapecheck.runtime.trials.bench import Bench, ProbeSettings, same
from shapecheck.runtime.trials.deliberate import may_be_meant
from shapecheck.runtime.trials.disturbance import Disturbance
from shapecheck.runtime.trials.first_break import Break
from shapecheck.runtime.trials.order import order_trial
from shapecheck.runtime.trials.outermost import ANY, Kept, tensors_in
from shapecheck.runtime.trials.probed import Leaf, Path
from shapecheck.runtime.trials.samples import Samples, carriers, counted
from shapecheck.runtime.trials.sizes import Resize, ShapeTrials
from shapecheck.runtime.watchdog import Watchdog

BATCH = "batch"


class Watched:
    """One kept call whose tensors carry samples. `settings` say what its trials may cost."""

    def __init__(
        self, kept: Kept, carriers: dict[Path, Samples], settings: ProbeSettings, watchdog: Watchdog
    ) -> None:
        self.kept, self.carriers = kept, carriers
        ranks = {path: len(kept.given[path].shape) for path in carriers}
        inputs = [Leaf(p, _spec(ranks[p], c.position)) for p, c in carriers.items()]
        call = replace(kept.call, inputs=tuple(inputs))
        self.bench = Bench(call, kept.snapshot, settings, watchdog)
        self.size = self.bench.size(BATCH)

    def trials(self) -> list[Trial | Skipped]:
        """What broke, or why nothing could be tried; nothing where all laws held."""
        first = self._again()
        why = self._proves_nothing(first)
        if why:
            said = f"{self.kept.call.name} is not tried again: {why}"
            return [Skipped(self.kept.call.name, self.kept.call.place, said)]
        base = self.bench.run() if self.bench.normalises else first
        outputs = tuple(self._outputs(base)) if base.ok else ()
        if not outputs:
            return []
        self.bench.call = replace(self.bench.call, outputs=outputs)
        broken = [t for t in self._tried(base) if t.outcome == "broken" and not t.excuse]
        return [self._with_witnesses(trial) for trial in broken]

    def _tried(self, base: Replayed) -> list[Trial]:
        found, followed = ShapeTrials(self.bench, BATCH, base, judged=True).trials()
        found += self._independence(base, followed)
        if self.kept.within == "module" and not any(t.outcome == "broken" for t in found):
            found += order_trial(self.bench, BATCH, base)
        return found

    def _independence(self, base: Replayed, followed: Resize | None) -> list[Trial]:
        within = self.kept.within
        if self.size > 1:
            return _Law(self.bench, BATCH, "independent", {}, {}, base, self.size, within).trials()
        if followed is None:
            return []
        return _Law(
            self.bench, BATCH, "independent", followed.change, followed.numbers, followed.done,
            followed.size, within,
        ).trials()  # fmt: skip

    # -- the same again -----------------------------------------------------------------------

    def _again(self) -> Replayed:
        """The call as it was. What a function returns is learnt here."""
        if self.kept.within == "module":
            return self.bench.run(calm=False)
        returned: list[Any] = []
        self.bench.run(calm=False, adjust=lambda live: _noting(live, returned))
        paths = tensors_in(("return",), returned[0]) if returned else []
        outputs = tuple(Leaf(path, ANY) for path, _ in paths)
        self.bench.call = replace(self.bench.call, outputs=outputs)
        return self.bench.run(calm=False)

    def _proves_nothing(self, first: Replayed) -> str:
        """Why replays of this call prove nothing, or ""."""
        if first.denied:
            return f"it {first.denied}"
        if first.error:
            return f"called again it raises {first.error}"
        if first.seconds > self.bench.settings.most_seconds:
            return f"it takes more than {self.bench.settings.most_seconds:g} s"
        observed = self.kept.observed
        if self.kept.within == "function":
            observed = self.bench.run(calm=False).outputs
        for path, tensor in observed.items():
            again = first.outputs.get(path)
            if again is None or again.shape != tensor.shape or not bool(same(tensor, again).all()):
                return "called again with the same arguments it returns something else"
        return ""

    # -- which outputs answer -----------------------------------------------------------------

    def _outputs(self, base: Replayed) -> Iterator[Leaf]:
        """The outputs that carry the samples on one axis."""
        shapes = ShapeTrials(self.bench, BATCH, base, judged=True)
        other = next((size for size in shapes.sizes() if size > 1), None)
        resized = shapes.resize(other) if other is not None else None
        for leaf in self.bench.call.outputs:
            tensor = base.outputs.get(leaf.path)
            if tensor is None or other is None or resized is None:
                continue
            now = resized.done.outputs.get(leaf.path) if resized.done.ok else None
            if now is None or now.dim() != tensor.dim():
                at = self._tracked(leaf.path, tensor, guess=now is None)
            elif now.shape == tensor.shape:
                at = self._tracked(leaf.path, tensor, guess=False)
            else:
                at = _following(tensor, now, self.size, other)
            if at is not None:
                yield Leaf(leaf.path, _spec(tensor.dim(), at))

    def _tracked(self, path: Path, tensor: Tensor, *, guess: bool) -> int | None:
        """Where the samples lie, by what tracking knows of the output, or by their number."""
        mine = {id(samples.identity) for samples in self.carriers.values()}
        came = self.kept.came.get(path)
        known = [s.position for s in counted(came) if id(s.identity) in mine] if came else []
        if len(known) == 1 and tensor.shape[known[0]] == self.size:
            return known[0]
        places = {samples.position for samples in self.carriers.values()}
        at = next(iter(places))
        sizes = list(tensor.shape)
        alone = len(places) == 1 and sizes.count(self.size) == 1 and at < len(sizes)
        return at if guess and alone and self.size > 1 and sizes[at] == self.size else None

    def _with_witnesses(self, trial: Trial) -> Trial:
        path, samples = next(iter(self.carriers.items()))
        return replace(
            trial,
            witnesses=samples.witnesses[:3],
            carrier=f"axis {samples.position} of {Leaf(path, ANY)}",
            within=self.kept.within,
        )


class _Law(Disturbance):
    """Independence where nobody declared it."""

    def __init__(self, *given: Any) -> None:
        *usual, self._within = given
        super().__init__(*usual)

    def excuse(self, found: Break) -> str:
        """Why the mixing that starts here may be meant, or ""."""
        return may_be_meant(found, self.size, self._within)

    def insists(self, *given: object) -> str:
        """Nothing: nobody declared what the other axes are."""
        return ""


def carriers_of(kept: Kept) -> dict[Path, Samples]:
    """The tensors of a call that carry its samples, and where; the best witnessed first."""
    return carriers(kept.given, kept.within)


def _following(tensor: Tensor, now: Tensor, size: int, other: int) -> int | None:
    """The one axis that went from `size` to `other`, where nothing else changed."""
    pairs = list(zip(tensor.shape, now.shape, strict=True))
    moved = [i for i, (before, after) in enumerate(pairs) if before != after]
    return moved[0] if len(moved) == 1 and pairs[moved[0]] == (size, other) else None


def _spec(rank: int, position: int) -> Spec:
    return parse_shape(" ".join(BATCH if i == position else "_" for i in range(rank)))


def _noting(live: Live, returned: list[Any]) -> None:
    """Have the call note what it returns."""
    called: Callable[..., Any] = live.function

    def noting(*args: Any, **kwargs: Any) -> Any:
        result = called(*args, **kwargs)
        returned.append(result)
        return result

    live.function = noting
