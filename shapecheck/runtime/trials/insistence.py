"""Statistics over the samples that are not excused: a second witness says that they are a slip.

Samples scaled by statistics of their own may be meant, so that alone is a note. It is more where
the statistic is one half of a standardisation and is taken where it makes no sense: apart for each
point of a set, whose points correspond to nothing in another sample; as a deviation for each step
with nothing centred; in a model, whose answer for one sample alone then says nothing; or where the
function's own words promise something of each sample.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import torch
from torch import nn

from shapecheck.core.axis import Role, role_of
from shapecheck.core.samples import stem
from shapecheck.runtime.state.snapshot import Live
from shapecheck.runtime.trials.bench import Bench, Change, differs, tolerance
from shapecheck.runtime.trials.excuses import CENTRES, OWN_STATISTICS, SPREADS, over
from shapecheck.runtime.trials.first_break import Break
from shapecheck.runtime.trials.probed import Path, named_axes
from shapecheck.runtime.trials.recorder import Step
from shapecheck.runtime.trials.standardising import apart

Kept = frozenset[int]

# Elements of a set: those at one place in two samples have nothing to do with one another.
UNORDERED = frozenset((
    "point", "atom", "particle", "box", "object", "neighbour", "neighbor", "proposal", "anchor",
    "detection", "token", "word", "query", "key", "slot", "entity", "element", "vertex", "centre",
    "center", "cluster", "particles", "vertices", "boxes", "queries", "entities",
))  # fmt: skip
# What is called so takes its statistics from the batch on purpose.
_ON_PURPOSE = re.compile(
    r"batch|across|baseline|anomal|whiten|decorrelat|dataset|population|norm(?!al)|standardi[sz]er"
    r"|normali[sz]er|scaler|contrast|discriminat|cent(?:er|re)_?loss|relative",
    re.IGNORECASE,
)
_OF_EACH = re.compile(
    r"\b(?:within|of|for|per|in|inside)\s+(?:each|every|its own|one|a single|the whole)\s+(\w+)"
    r"|\bper[- ](\w+)|\beach\s+(\w+)'s|\bwithin (?:a|the|its)\s+(\w+)",
    re.IGNORECASE,
)
_TOGETHER = re.compile(r"\b(?:batch|together|dataset|all|others?|across|among)\b", re.IGNORECASE)
_PARTS = frozenset((
    "feature", "column", "dimension", "dim", "channel", "coordinate", "variable", "component",
    "pixel", "step", "time", "position", "unit", "neuron", "layer", "head", "class", "label",
    "entry", "value", "place", "bin", "band", "field", "axis", "key", "group", "parameter",
    "row", "line", "moment", "day", "hour", "month", "timestep", "frequency",
))  # fmt: skip


class Insistence:
    """Why mixing that is excused as statistics of the samples is a slip after all."""

    def __init__(self, bench: Bench, axis: str) -> None:
        self.bench, self.axis = bench, axis

    def why(
        self, found: Break, excuse: str, changes: Mapping[Kept, Change], output: Path, at: int
    ) -> str:
        """A few words on what says so, or "" where the excuse stands."""
        dims = over(found.step)
        if excuse not in OWN_STATISTICS or dims is None:
            return ""
        halves = self._halves(found, dims)
        called = f"{self.bench.call.name} {found.step.place.function}"
        if halves or len(dims) != 1 or _ON_PURPOSE.search(called) or self._whole(found, dims):
            return halves
        kept = self._kept(found.step, next(iter(dims)))
        return (
            self._of_a_set(kept)
            or self._uncentred(found, kept)
            or self._promised(found, kept)
            or self._by_a_model(changes, output, at)
        )

    def _halves(self, found: Break, dims: frozenset[int]) -> str:
        """Level and scale of one standardisation, the one of all samples, the other of each."""
        for dim in dims:
            if self._kept(found.step, dim):
                return apart(found.recording, found.number, dim)
        return ""

    def _whole(self, found: Break, dims: frozenset[int]) -> bool:
        """True where both halves are taken over these axes: a standardisation of the batch."""
        shape = found.step.shapes[:1]
        kinds = {
            step.name in CENTRES
            for step in found.recording.steps
            if step.name in CENTRES | SPREADS and step.shapes[:1] == shape and over(step) == dims
        }
        return len(kinds) > 1

    def _kept(self, step: Step, dim: int) -> tuple[str, ...]:
        """The declared names of the axes for each index of which the statistic is taken."""
        shape = step.shapes[0]
        for leaf in self.bench.inputs:
            tensor = self.bench.snapshot.leaf(leaf.path)
            names = named_axes(leaf.spec, tensor.dim())
            if tensor.dim() == len(shape) and dim < len(names) and names[dim] == self.axis:
                return tuple(name for i, name in enumerate(names) if i != dim and name)
        return ()

    def _of_a_set(self, kept: tuple[str, ...]) -> str:
        for name in kept:
            if stem(name) in UNORDERED:
                return f"each `{name}` of one sample is set against that of others, by its place"
        return ""

    def _uncentred(self, found: Break, kept: tuple[str, ...]) -> str:
        if found.step.name not in ("std", "var"):
            return ""
        for name in kept:
            hint = role_of(name)
            if hint is not None and hint.role is Role.TIME and not hint.weak:
                return f"a deviation for each `{name}` over the samples, with nothing centred there"
        return ""

    def _promised(self, found: Break, kept: tuple[str, ...]) -> str:
        """The function's own words speak of each sample, under whatever name."""
        function = self.bench.call.function
        said = " ".join((function.__doc__ or "").split())
        if function.__qualname__ != found.step.place.function or _TOGETHER.search(said):
            return ""
        for match in _OF_EACH.finditer(said):
            word = next(group for group in match.groups() if group)
            if stem(word) not in _PARTS and stem(word) not in set(map(stem, kept)):
                return f"its words say otherwise: “{match.group().strip()}”"
        return ""

    def _by_a_model(self, changes: Mapping[Kept, Change], output: Path, at: int) -> str:
        """A model's answer that hangs on the other samples in evaluation too."""
        owner = next(iter(self.bench.snapshot.args), None)
        if not isinstance(owner, nn.Module) or self.bench.call.function.__name__ != "forward":
            return ""
        if _ON_PURPOSE.search(type(owner).__name__) or any(True for _ in owner.buffers()):
            return ""  # what it keeps may be statistics
        base = self.bench.run(adjust=_evaluate)
        for kept, change in changes.items():
            done = self.bench.run(change, adjust=_evaluate)
            one, other = base.outputs.get(output), done.outputs.get(output)
            if one is None or other is None or one.shape != other.shape:
                return ""
            index = torch.tensor(sorted(kept), device=one.device)
            one, other = one.index_select(at, index), other.index_select(at, index)
            if bool(differs(one, other, tolerance(one)).any()):
                return "what the model says of a sample hangs on the others in evaluation too"
        return ""


def _evaluate(live: Live) -> None:
    for module in live.modules:
        module.training = False
