"""Which tests can be run again, and which sites each of them comes by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from textwrap import shorten

from shapecheck.core.ledger import LeftOut
from shapecheck.core.site import Site
from shapecheck.verify.journal import Journal
from shapecheck.verify.rerun import Rerun, Reruns
from shapecheck.verify.state import Measured, State
from shapecheck.verify.workshop import Workshop

_MOST_OF_A_MESSAGE = 200  # characters: an assertion on a whole document has as many words


@dataclass
class Baseline:
    """The tests as they run without a mutant: each is measured when it is first needed.

    A test is run twice more, the second time with every site telling when it is come by. The
    slow ones are asked last, and only about mutants that no faster one noticed.
    """

    reruns: Reruns
    workshop: Workshop
    sites: Mapping[int, Site]
    order: Sequence[str]
    state: State
    journal: Journal
    _known: dict[str, Measured | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._known = dict.fromkeys(left.item for left in self.state.left_out)
        self._known |= {m.item: m for m in self.state.measured}

    def reaching(self, number: int) -> Iterator[Measured]:
        """The tests that come by a site: those known already, then others as they are measured."""
        known = [m for m in self._known.values() if m is not None and number in m.reached]
        yield from sorted(known, key=lambda measured: measured.seconds)
        for item in self.order:
            if item not in self._known:
                measured = self._known[item] = self._measure(item)
                if measured is not None and number in measured.reached:
                    yield measured

    def shapes(self, number: int) -> list[tuple[int, ...]]:
        """The shapes that were seen at a site, each once."""
        seen = (m.shapes.get(number, ()) for m in self._known.values() if m is not None)
        return list(dict.fromkeys(shape for shapes in seen for shape in shapes))

    def trusts(self, item: str) -> bool:
        """Whether a test is still fit to pin something."""
        return self._known.get(item) is not None

    def _measure(self, item: str) -> Measured | None:
        """Run a test twice as it is; None (and a line in the journal) if it is left out."""
        self.journal.write("doing", site=-1, mutation=-1, item=item, limit=None)
        reason = _unfit(
            self.reruns.run(item, laws=self.reruns.laws), "it does not pass when it is run again"
        )
        if reason is None:
            self.workshop.refresh()
            with self.workshop.witnessing() as witness:
                rerun = self.reruns.run(item)
            reason = _unfit(rerun, "it passes once but not twice in one process")
        if reason is not None:
            self.journal.write("left_out", item=item, reason=reason)
            return None
        shapes = {
            number: tuple(shape for _, shape in seen if shape is not None)
            for number, seen in witness.seen.items()
        }
        reached = tuple(sorted(n for n in witness.seen if n in self.sites))
        measured = Measured(item, rerun.seconds, reached, shapes)
        modules = self.workshop.modules()
        self.journal.write("measured", measured=measured, modules=modules)
        return measured


def _unfit(rerun: Rerun, failing: str) -> str | None:
    """Why a test is left out; "" if it was skipped, and None if it is fit to pin something."""
    if rerun.outcome.skipped:
        return ""
    if rerun.wrote:
        return f"it writes outside its own folder: {rerun.wrote[0]}"
    if rerun.outcome.failure is not None:
        first = rerun.outcome.failure.message.splitlines() or [""]
        return f"{failing}: {shorten(first[0], _MOST_OF_A_MESSAGE)}"
    return None


def as_left_out(state: State) -> tuple[LeftOut, ...]:
    """The tests to be named: those that were left out for a reason other than being skipped."""
    return tuple(left for left in state.left_out if left.reason)
