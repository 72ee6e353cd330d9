"""One replay under the tracker: what each operation of a checked function did with the axes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from torch import Tensor

from shapecheck.core.evidence import Skipped
from shapecheck.core.facts import Fact
from shapecheck.runtime.bench import Bench
from shapecheck.runtime.flow.axes import Axes, Identity, Part
from shapecheck.runtime.probed import Leaf, bound, tensor_at
from shapecheck.runtime.snapshot import Live
from shapecheck.runtime.tracker import Tracker


def tracked(bench: Bench) -> Iterator[Fact | Skipped]:
    """The facts of one replay, in which the declared axes carry their declared names.

    What the code reads and how it combines axes does not hang on values, so one replay is enough.
    """
    tracker = Tracker()

    def follow(live: Live) -> Tracker:
        known: dict[str, Identity] = {}
        for leaf, tensor in _declared(bench, live):
            names = [axis.name or axis.text for axis in leaf.spec.lay(tensor.dim())]
            _share(tracker, tensor, names, known)
            tracker.name_axes(tensor, names, bench.call.place)
        return tracker

    bench.run(calm=False, mode=follow)
    yield from tracker.facts()
    for error in tracker.errors:
        said = error.strip().splitlines()[-1]
        yield Skipped(bench.call.name, bench.call.place, f"shapecheck failed: {said}")


def _share(tracker: Tracker, tensor: Tensor, names: list[str], known: dict[str, Identity]) -> None:
    """One identity for axes that carry one name in a call: they are declared to be the same.

    A name that stands twice on one tensor does not tell which of the two is meant elsewhere.
    """
    axes = tracker.before(tensor)
    items = list(axes.items)
    for i, name in enumerate(names):
        own = items[i].single
        if own is None or not name.isidentifier():
            continue
        identity = known.setdefault(name, own)
        identity.declared_in = known
        if names.count(name) > 1:
            identity.shared = own.shared = True
        elif identity is not own:
            items[i] = replace(items[i], parts=(Part(identity, items[i].size),))
    tracker.hold(tensor, Axes(items, axes.made_by, axes.made_at))


def _declared(bench: Bench, live: Live) -> Iterator[tuple[Leaf, Tensor]]:
    arguments = bound(live.function, live.args, live.kwargs).arguments
    for leaf in bench.inputs:
        tensor = tensor_at(arguments, leaf.path)
        if tensor is not None and leaf.spec.accepts_rank(tensor.dim()):
            yield leaf, tensor
