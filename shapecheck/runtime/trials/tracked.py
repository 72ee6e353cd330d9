"""One replay under the tracker: what each operation of a checked function did with the axes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from torch import Tensor

from shapecheck.core.axis import AxisKind
from shapecheck.core.evidence import Skipped
from shapecheck.core.facts import Alignment, AxisView, Fact, Operand, ReturnedAxis
from shapecheck.runtime.blame import only_return
from shapecheck.runtime.flow.axes import Axes, Axis, Identity, Part
from shapecheck.runtime.state.snapshot import Live
from shapecheck.runtime.tracker import Tracker
from shapecheck.runtime.trials.bench import Bench
from shapecheck.runtime.trials.probed import Leaf, bound, tensor_at


def tracked(bench: Bench) -> Iterator[Fact | Skipped]:
    """The facts of one replay, in which the declared axes carry their declared names.

    What the code reads and how it combines axes does not hang on values, so one replay is enough.
    """
    tracker = Tracker()
    known: dict[str, Identity] = {}

    def follow(live: Live) -> Tracker:
        for leaf, tensor in _declared(bench, live):
            names = [axis.name or axis.text for axis in leaf.spec.lay(tensor.dim())]
            _share(tracker, tensor, names, known)
            tracker.name_axes(tensor, names, bench.call.place)
        return tracker

    done = bench.run(calm=False, mode=follow, keep=True)
    facts = tracker.facts()
    yield from facts
    met = any(isinstance(fact, Alignment) for fact in facts)  # that line tells it already
    for leaf in () if met else bench.call.outputs:
        tensor = done.outputs.get(leaf.path)
        views = tracker.axes_of(tensor) if tensor is not None else ()
        if views and leaf.spec.accepts_rank(len(views)):
            yield from _mistaken(bench, leaf, views, known)
    for error in tracker.errors:
        said = error.strip().splitlines()[-1]
        yield Skipped(bench.call.name, bench.call.place, f"shapecheck failed: {said}")


def _mistaken(
    bench: Bench, leaf: Leaf, views: tuple[AxisView, ...], known: dict[str, Identity]
) -> Iterator[ReturnedAxis]:
    """Axes of an output that are declared as one input axis and are another of its size."""
    names = {identity.serial: name for name, identity in known.items() if not identity.shared}
    line = only_return(bench.call.function.__code__)
    place = replace(bench.call.place, line=line or bench.call.place.line)
    shape = tuple(view.size for view in views)
    for i, (axis, view) in enumerate(zip(leaf.spec.lay(len(views)), views, strict=True)):
        is_one = axis.kind is AxisKind.NAMED and axis.name in names.values()
        if is_one and view.size > 1 and names.get(view.identity, axis.name) != axis.name:
            operand = Operand(str(leaf), shape, views)
            yield ReturnedAxis(place, bench.call.name, str(leaf), operand, i, axis.name, view)


def _share(tracker: Tracker, tensor: Tensor, names: list[str], known: dict[str, Identity]) -> None:
    """One identity for axes that carry one name in a call: they are declared to be the same.

    A name that stands twice on one tensor does not tell which of the two is meant elsewhere.
    """
    items = []
    for name, size in zip(names, tensor.shape, strict=True):
        identity = Identity("declared")
        if name.isidentifier():
            identity = known.setdefault(name, identity)
            identity.declared_in = known
            identity.shared = identity.shared or names.count(name) > 1
        items.append(Axis((Part(identity, size),)))
    tracker.hold(tensor, Axes(items))


def _declared(bench: Bench, live: Live) -> Iterator[tuple[Leaf, Tensor]]:
    arguments = bound(live.function, live.args, live.kwargs).arguments
    for leaf in bench.inputs:
        tensor = tensor_at(arguments, leaf.path)
        if tensor is not None and leaf.spec.accepts_rank(tensor.dim()):
            yield leaf, tensor
