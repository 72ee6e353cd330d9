"""What the work has come to so far, as its journal tells it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from shapecheck.core.ledger import Entry, LeftOut, Mutant, Outcome, Pin
from shapecheck.core.plain import from_plain
from shapecheck.core.site import Site


@dataclass(frozen=True)
class Measured:
    """A test that passed twice without a mutant: how long it takes, which sites it comes by.

    `shapes` are those of the values at each site, and under ~number of what they were made from.
    """

    item: str
    seconds: float
    reached: tuple[int, ...]
    shapes: dict[int, tuple[tuple[int, ...], ...]]


@dataclass
class State:
    """What a journal comes to.

    `doing` is the run that was under way: (site's number, mutation's number, test), with -1 for a
    site where there is no mutant.
    """

    sites: tuple[Site, ...] = ()
    seconds: dict[str, float] = field(default_factory=dict)  # of the first run, by test
    measured: list[Measured] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    modules: list[str] = field(default_factory=list)
    entries: dict[int, Entry] = field(default_factory=dict)
    known: dict[int, dict[int, Mutant]] = field(default_factory=dict)
    doing: tuple[int, int, str] | None = None
    limit: float | None = None
    done: bool = False
    failed: str = ""

    @property
    def done_of(self) -> tuple[str, int, int]:
        """(what is being done, how many are done, of how many): for a progress bar."""
        return "getting every site wrong", len(self.entries), len(self.sites)

    def take(self, line: dict[str, Any]) -> None:
        """Add a line of the journal."""
        getattr(self, f"_take_{line.pop('kind')}")(**line)

    def _take_first_run(self, seconds: dict[str, float]) -> None:
        self.seconds = seconds

    def _take_plan(self, sites: list[Any]) -> None:
        self.sites = from_plain(tuple[Site, ...], sites)

    def _take_doing(self, site: int, mutation: int, item: str, limit: float | None) -> None:
        self.doing, self.limit = (site, mutation, item), limit

    def _take_measured(self, measured: dict[str, Any], modules: list[str]) -> None:
        shapes = {
            int(number): tuple(tuple(shape) for shape in seen)
            for number, seen in measured["shapes"].items()
        }
        reached = tuple(measured["reached"])
        self.measured.append(Measured(measured["item"], measured["seconds"], reached, shapes))
        self.modules = modules
        self.doing = self.limit = None

    def _take_left_out(self, item: str, reason: str) -> None:
        self.left_out.append(LeftOut(item, reason))
        self.measured = [m for m in self.measured if m.item != item]
        self.doing = self.limit = None

    def _take_entry(self, number: int, entry: dict[str, Any]) -> None:
        self.entries[number] = from_plain(Entry, entry)
        self.doing = self.limit = None

    def _take_died(self, how: str) -> None:
        """The process ended (or had to be ended) while it was at something."""
        assert self.doing is not None
        site, mutation, item = self.doing
        if site < 0:
            self._take_left_out(item, f"run again, {how}")
            return
        changed = self.sites[site].mutations[mutation]
        mutant = Mutant(changed, Outcome.KILLED, Pin.DEATH, item, how)
        self.known.setdefault(site, {})[mutation] = mutant
        self.doing = self.limit = None

    def _take_done(self) -> None:
        self.done = True

    def _take_failed(self, why: str) -> None:
        self.failed = why
