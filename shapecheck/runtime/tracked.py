"""One replay under the tracker: what each operation of a checked function did with the axes."""

from __future__ import annotations

from collections.abc import Iterator

from torch import Tensor

from shapecheck.core.evidence import Skipped
from shapecheck.core.facts import Fact
from shapecheck.runtime.bench import Bench
from shapecheck.runtime.probed import Leaf, bound, tensor_at
from shapecheck.runtime.snapshot import Live
from shapecheck.runtime.tracker import Tracker


def tracked(bench: Bench) -> Iterator[Fact | Skipped]:
    """The facts of one replay, in which the declared axes carry their declared names.

    What the code reads and how it combines axes does not hang on values, so one replay is enough.
    """
    tracker = Tracker()

    def follow(live: Live) -> Tracker:
        for leaf, tensor in _declared(bench, live):
            axes = leaf.spec.lay(tensor.dim())
            tracker.name_axes(tensor, [axis.name or axis.text for axis in axes], bench.call.place)
        return tracker

    bench.run(calm=False, mode=follow)
    yield from tracker.facts()
    for error in tracker.errors:
        said = error.strip().splitlines()[-1]
        yield Skipped(bench.call.name, bench.call.place, f"shapecheck failed: {said}")


def _declared(bench: Bench, live: Live) -> Iterator[tuple[Leaf, Tensor]]:
    arguments = bound(live.function, live.args, live.kwargs).arguments
    for leaf in bench.inputs:
        tensor = tensor_at(arguments, leaf.path)
        if tensor is not None and leaf.spec.accepts_rank(tensor.dim()):
            yield leaf, tensor
