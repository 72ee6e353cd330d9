"""Shape trials: an axis at another size; the declared outputs must follow.

Only shapes are judged. A trial that raises is a fault where the operation that raised holds a
size written down for the old one; otherwise the axis is fixed by weights, lengths or state, which
is no fault.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from shapecheck.core.evidence import Trial
from shapecheck.core.match import Match, Mismatch, match
from shapecheck.core.spec import Spec
from shapecheck.runtime.replay import Replayed
from shapecheck.runtime.trials import arguments
from shapecheck.runtime.trials.bench import Bench, Change
from shapecheck.runtime.trials.first_break import Break, described, first_lost_size, reads
from shapecheck.runtime.trials.probed import Leaf, positions
from shapecheck.runtime.trials.raising import Raising


@dataclass(frozen=True)
class Resize:
    """One axis at another size: the changed inputs and integer arguments, and what came of it."""

    size: int
    change: Change
    numbers: Mapping[str, int]
    done: Replayed


class ShapeTrials:
    """Tries other sizes of one axis. `judged` axes are batches: for them a fault is certain."""

    def __init__(self, bench: Bench, axis: str, base: Replayed, judged: bool) -> None:
        self.bench, self.axis, self.base, self.judged = bench, axis, base, judged
        self.old = bench.size(axis)

    def sizes(self) -> list[int]:
        """The sizes to try: small, co-prime to the others, and 1."""
        others = self.bench.other_sizes(self.axis) | {self.old}
        if self.judged:
            prime = arguments.other_size(self.old, others)
            return [n for n in (prime, 1) if n is not None and n != self.old]
        if self.old < 3:
            return [2 if self.old == 1 else 1]
        prime = arguments.other_size(self.old, others, most=self.old)
        half = self.old // 2 if self.old % 2 == 0 else None
        return [n for n in dict.fromkeys((prime, half)) if n is not None]

    def resize(self, size: int) -> Resize:
        """The call with the axis at another size, made."""
        make = arguments.enlarged if self.old == 1 else arguments.resized
        change = self.bench.change(self.axis, lambda tensor, at: make(tensor, at, size), {})
        numbers = self.bench.numbers(self.axis, size)
        return Resize(size, change, numbers, self.bench.run(change, numbers))

    def trials(self) -> tuple[list[Trial], Resize | None]:
        """What came of the sizes tried, and a larger one that the call followed, if any."""
        why = self._hindered()
        if why:
            return [*self._squeezed(), self._trial("skipped", detail=why)], None
        tried: list[Resize] = []
        for size in self.sizes():
            if self.bench.exhausted or (tried and self._settled(tried[-1])):
                break
            tried.append(self.resize(size))
        found: list[Trial] = []
        raised: list[Trial] = []
        followed: Resize | None = None
        for resize in tried:
            if resize.done.ok:
                wrong = self._wrong(resize)
                found += [self._broken(resize, leaf, fault) for leaf, fault in wrong]
                if not wrong and resize.size > 1:
                    followed = resize
            else:
                raised.append(self._raised(resize))
        broken = [t for t in (*found, *raised) if t.outcome == "broken"]
        if not self.judged:
            broken = self._of_no_batch(broken, followed, tried)
        if broken:
            first = {trial.output: trial for trial in reversed(broken)}
            return list(first.values()), followed
        if followed is None and raised:
            return raised[:1], None
        if followed is None and found:
            return [], None
        if not tried:
            return [], None
        done = ", ".join(str(r.size) for r in tried if r.done.ok)
        return [self._trial("held", detail=f"the outputs follow sizes {done}")], followed

    def _of_no_batch(
        self, broken: list[Trial], followed: Resize | None, tried: list[Resize]
    ) -> list[Trial]:
        """What is a fault where an axis may well be fixed: it stays, or is lost at size 1."""
        if followed is not None:
            return list(self._squeezed())
        return broken if self._stuck(tried) else []

    def _settled(self, resize: Resize) -> bool:
        """True where one size is enough: an axis that is not judged, and followed or raised."""
        return not self.judged and (not resize.done.ok or not self._wrong(resize))

    def _squeezed(self) -> Iterator[Trial]:
        """An axis that other sizes do not trouble, where a `squeeze()` takes it away at size 1."""
        names = self.bench.call.function.__code__.co_names
        if "squeeze" not in names or self.old < 3 or self.bench.exhausted or self._hindered(True):
            return
        fewer, one = self.resize(self.old - 1), self.resize(1)
        if not self._follows(fewer) or self._follows(one):
            return
        step = Raising(self.bench, one.change, one.numbers, self.old, 1).squeezed()
        if step is not None and not self._elsewhere():
            said = one.done.error or "the result loses the axis"
            yield self._trial(
                "broken", one, latent=True, first_break=step.place, operation=described(step),
                detail=said,
            )  # fmt: skip

    # What stands in the way

    def _hindered(self, along: bool = False) -> str:
        """Why the axis cannot be resized soundly, or ""; `along`: masks that carry it may be."""
        along = along or self.judged
        carriers = self.bench.carriers(self.axis)
        for leaf in self.bench.inputs:
            tensor = self.bench.snapshot.leaf(leaf.path)
            limits = tensor.dtype is torch.bool or _is_length(str(leaf.path[-1]), tensor)
            if limits and (not along or leaf.path not in carriers):
                return f"`{leaf}` is a mask or holds lengths"
            if tensor.is_cuda and not tensor.is_floating_point():
                return f"`{leaf}` may index past the end on the GPU"
        for name, value in self._undeclared():
            if isinstance(value, nn.utils.rnn.PackedSequence) or (
                isinstance(value, Tensor) and _is_length(name, value)
            ):
                return f"`{name}` holds lengths"
        return ""

    def _undeclared(self) -> Iterator[tuple[str, Any]]:
        """Arguments, or parts of them, that no declaration speaks of."""
        declared = {id(self.bench.snapshot.leaf(leaf.path)) for leaf in self.bench.inputs}
        for name, value in self.bench.snapshot.arguments().items():
            for part in _parts(value):
                if id(part) not in declared:
                    yield name, part

    def _elsewhere(self) -> str:
        """Another argument that may hold the old size, so that a failure proves nothing."""
        moved = self.bench.numbers(self.axis, self.old)
        for name, value in self._undeclared():
            if isinstance(value, Tensor) and self.old in value.shape:
                return f"`{name}` has no declaration and may carry the axis"
            if isinstance(value, (list, tuple)) and len(value) == self.old > 1:
                return f"`{name}` has {self.old} items"
            if type(value) is int and value == self.old > 1 and name not in moved:
                return f"`{name}` is {self.old}"
        return ""

    # Judging

    def _follows(self, resize: Resize) -> bool:
        return resize.done.ok and not self._wrong(resize)

    def _wrong(self, resize: Resize) -> list[tuple[Leaf, Mismatch]]:
        """The outputs that do not have the declared shape at the new size."""
        before = self._bindings({})
        now = self._bindings(resize.change)
        if before is None or now is None:
            return []
        found = []
        for leaf in self.bench.call.outputs:
            base, tensor = self.base.outputs.get(leaf.path), resize.done.outputs.get(leaf.path)
            if base is None or tensor is None:
                continue
            usual = match(tuple(base.shape), leaf.spec, before)
            outcome = match(tuple(tensor.shape), leaf.spec, now)
            if isinstance(usual, Match):
                before = usual.bindings
                if isinstance(outcome, Mismatch):
                    if _concerns(outcome, self.axis):
                        found.append((leaf, outcome))
                else:
                    now = outcome.bindings
        return found

    def _bindings(self, change: Change) -> dict[str, Any] | None:
        bindings: dict[str, Any] = {}
        for leaf in self.bench.inputs:
            tensor = change.get(leaf.path, self.bench.snapshot.leaf(leaf.path))
            outcome = match(tuple(tensor.shape), leaf.spec, bindings)
            if isinstance(outcome, Mismatch):
                return None
            bindings = outcome.bindings
        return bindings

    def _stuck(self, tried: list[Resize]) -> bool:
        """True where an output kept the old size of the axis at every size tried."""
        for leaf in self.bench.call.outputs:
            sizes = set()
            for resize in tried:
                tensor = resize.done.outputs.get(leaf.path)
                where = positions(leaf.spec, tensor.dim(), self.axis) if tensor is not None else ()
                sizes |= {tensor.shape[i] for i in where} if tensor is not None else set()
                if tensor is None or not where:
                    sizes.add(-1)
            if sizes == {self.old} and len(tried) > 1:
                return True
        return False

    def _broken(self, resize: Resize, leaf: Leaf, fault: Mismatch) -> Trial:
        why = self._elsewhere()
        if why:
            return self._trial("skipped", resize, detail=why)
        lost = first_lost_size(self.bench, resize.change, resize.numbers, self.old, leaf.path)
        if lost is not None and _from_state(lost, self.old):
            return self._trial("fixed", resize, detail="fixed by the state that the object keeps")
        return self._trial(
            "broken",
            resize,
            output=str(leaf),
            output_axis=self.axis,
            declared=leaf.spec.text,
            expected=_expected(fault, leaf.spec),
            actual=fault.shape,
            latent=True,
            first_break=lost.step.place if lost else None,
            operation=described(lost.step) if lost else "",
            reads=reads(lost.step.module) if lost else "",
        )

    def _raised(self, resize: Resize) -> Trial:
        said = resize.done.error or resize.done.denied
        why = self._elsewhere()
        if why:
            return self._trial("skipped", resize, detail=why)
        raising = Raising(self.bench, resize.change, resize.numbers, self.old, resize.size)
        at_fault = raising.at_fault() if self.judged else None
        if at_fault is None and (raising.failed is None or not self.judged):
            by = " by weights" if raising.weights_have() else ""
            return self._trial(
                "fixed", resize, detail=f"fixed{by}: size {resize.size} raises {said}"
            )
        if at_fault is None:
            by = "weights" if raising.reads_weights() else "state or values"
            return self._trial("fixed", resize, detail=f"fixed by {by}: {said}")
        return self._trial(
            "broken",
            resize,
            latent=True,
            first_break=at_fault.place,
            operation=described(at_fault),
            detail=said,
        )

    def _trial(self, outcome: str, resize: Resize | None = None, **more: object) -> Trial:
        call = self.bench.call
        facts: dict[str, object] = {
            "function": call.name,
            "place": call.place,
            "kind": "shape",
            "axis": self.axis,
            "law": "free",
            "outcome": outcome,
            "seen_sizes": (self.old,),
            "before": (self.old,),
            "after": (resize.size,) if resize is not None else (),
            **more,
        }
        return Trial(**facts)  # type: ignore[arg-type] # the fields are those of Trial


_LENGTHS = ("len", "mask", "size", "offset", "index")


def _is_length(name: str, tensor: Tensor) -> bool:
    whole = not tensor.is_floating_point() and not tensor.is_complex()
    return whole and any(word in name.lower() for word in _LENGTHS)


def _parts(value: Any, depth: int = 3) -> Iterator[Any]:
    yield value
    if depth and isinstance(value, (list, tuple)) and len(value) < 64:
        for item in value:
            yield from _parts(item, depth - 1)
    elif depth and isinstance(value, dict) and len(value) < 64:
        for item in value.values():
            yield from _parts(item, depth - 1)


def _concerns(fault: Mismatch, axis: str) -> bool:
    """True where the axis itself does not follow, or the rank changes; not some other axis."""
    return fault.rank_differs or any(
        wrong.axis.name == axis or axis in wrong.axis.expression for wrong in fault.wrong
    )


def _expected(fault: Mismatch, spec: Spec) -> tuple[int, ...]:
    """The shape that was declared, as far as every size of it is known."""
    if fault.rank_differs:
        return ()
    sizes = list(fault.shape)
    for wrong in fault.wrong:
        if not isinstance(wrong.expected, int):
            return ()
        sizes[wrong.position] = wrong.expected
    return tuple(sizes)


def _from_state(lost: Break, old: int) -> bool:
    """The operation reads a tensor that the object keeps, which has the old size."""
    given = [lost.recording.given[i] for i in lost.step.leaves if i in lost.recording.given]
    return any(not isinstance(t, nn.Parameter) and old in t.shape for t in given if t.dim())
