"""The ledger: each site, what was tried on it, and what noticed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from shapecheck.core.finding import Finding, Severity
from shapecheck.core.plain import from_plain, to_plain
from shapecheck.core.site import Mutation, Site


class Verdict(Enum):
    """What is known about a site."""

    VERIFIED = "verified"  # every mutant was noticed
    UNVERIFIED = "unverified"  # a mutant survived
    VIOLATED = "violated"  # there is a finding at the site
    NOT_REACHED = "not reached"  # no test runs it
    NOT_VERIFIABLE = "not verifiable"  # no mutant could be put in place, or judged
    EQUIVALENT = "equivalent"  # every mutant is the same by construction, at all sizes


class Pin(Enum):
    """What noticed a mutant, from the one that says most to the one that says least."""

    LAW = "law"
    DECLARATION = "declaration"
    RULE = "rule"
    ASSERTION = "assertion"
    ERROR = "error"  # torch (or Python) could not go on: known not to crash, no more
    DEATH = "death"  # the process died, or had to be ended

    @property
    def rank(self) -> int:
        """0 for the pin that says most."""
        return list(Pin).index(self)


class Outcome(Enum):
    """What became of a mutant."""

    KILLED = "killed"
    SURVIVED = "survived"
    EQUIVALENT = "equivalent"
    NOT_RUN = "not run"  # no reason to: it could not be put in place, or its line was not met


@dataclass(frozen=True)
class Mutant:
    """A mutation that was tried on a site.

    `item` is the test that noticed, `pin` what made it notice and `message` what a reader of
    that failure is told. `detail` is one factual sentence on a mutant that was not killed.
    """

    mutation: Mutation
    outcome: Outcome
    pin: Pin | None = None
    item: str = ""
    message: str = ""
    detail: str = ""


@dataclass(frozen=True)
class LeftOut:
    """A test that pins nothing, and why."""

    item: str
    reason: str


@dataclass(frozen=True)
class Entry:
    """One line of the ledger.

    `survivor` is the line of code as the surviving mutant had it, `suggestion` what would have
    noticed it. `reason` is why a site is not verifiable.
    """

    site: Site
    verdict: Verdict
    mutants: tuple[Mutant, ...] = ()
    reason: str = ""
    survivor: str = ""
    suggestion: str = ""

    @property
    def pin(self) -> Pin | None:
        """The pin that says most, of those that noticed a mutant here."""
        pins = [mutant.pin for mutant in self.mutants if mutant.pin is not None]
        return min(pins, key=lambda pin: pin.rank, default=None)

    @property
    def telling(self) -> Mutant | None:
        """The first mutant that was noticed by that pin."""
        return next((m for m in self.mutants if m.pin is not None and m.pin is self.pin), None)


def verdict_of(mutants: Iterable[Mutant]) -> Verdict:
    """What the outcomes of a reached site's mutants add up to."""
    outcomes = {mutant.outcome for mutant in mutants}
    if Outcome.SURVIVED in outcomes:
        return Verdict.UNVERIFIED
    if Outcome.NOT_RUN in outcomes or not outcomes:
        return Verdict.NOT_VERIFIABLE
    return Verdict.VERIFIED if Outcome.KILLED in outcomes else Verdict.EQUIVALENT


@dataclass(frozen=True)
class Ledger:
    """Every site of the packages that were asked for, in order of file and line."""

    entries: tuple[Entry, ...]
    left_out: tuple[LeftOut, ...] = ()
    seconds: float = 0.0

    @classmethod
    def untried(cls, sites: Iterable[Site], reason: str) -> Ledger:
        """The ledger of sites of which nothing could be tried, for one reason."""
        return cls(tuple(Entry(s, Verdict.NOT_VERIFIABLE, reason=reason) for s in sites))

    @property
    def counted(self) -> tuple[Entry, ...]:
        """The entries that the percentage is taken of: all but the equivalent ones."""
        return tuple(e for e in self.entries if e.verdict is not Verdict.EQUIVALENT)

    @property
    def percent(self) -> float:
        """Verified sites of a hundred. What is not reached or not verifiable counts against it.

        A ledger without a site is at 100: there is nothing that could be unverified.
        """
        verified = sum(e.verdict is Verdict.VERIFIED for e in self.counted)
        return 100.0 * verified / len(self.counted) if self.counted else 100.0

    @property
    def mutants(self) -> int:
        """How many mutants were run."""
        run = (Outcome.KILLED, Outcome.SURVIVED)
        return sum(m.outcome in run for entry in self.entries for m in entry.mutants)

    def count(self, file: str | None = None) -> Counter[Verdict]:
        """Entries by verdict, of one file or of all."""
        return Counter(e.verdict for e in self.entries if file in (None, e.site.place.file))

    def pins(self) -> Counter[Pin]:
        """Verified sites by the pin that says most."""
        verified = (e for e in self.entries if e.verdict is Verdict.VERIFIED)
        return Counter(entry.pin for entry in verified if entry.pin is not None)

    def files(self) -> list[str]:
        """The files in order, each once."""
        return list(dict.fromkeys(entry.site.place.file for entry in self.entries))

    def in_file(self, file: str) -> Ledger:
        """The part of one file."""
        entries = tuple(e for e in self.entries if e.site.place.file == file)
        return replace(self, entries=entries, left_out=())

    def with_findings(self, findings: Iterable[Finding]) -> Ledger:
        """The ledger with every site that a finding points at marked *violated*.

        A note informs; it violates nothing.
        """
        wrong = [f for f in findings if f.severity is not Severity.NOTE]
        found = [(f.place.file, f.place.line, f) for f in wrong]

        def judged(entry: Entry) -> Entry:
            site = entry.site
            lines = range(site.span.line, site.span.end_line + 1)
            here = [f for file, line, f in found if file == site.place.file and line in lines]
            if not here:
                return entry
            return replace(entry, verdict=Verdict.VIOLATED, reason=here[0].message)

        return replace(self, entries=tuple(judged(entry) for entry in self.entries))

    def to_dict(self) -> dict[str, Any]:
        """The ledger as JSON's types, with its totals."""
        data: dict[str, Any] = to_plain(self)
        return {
            "percent": round(self.percent, 2),
            "mutants": self.mutants,
            "verdicts": {v.value: n for v, n in sorted(self.count().items(), key=_by_value)},
            "pins": {p.value: n for p, n in sorted(self.pins().items(), key=_by_value)},
            **data,
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Ledger:
        """The ledger that `to_dict` was called on."""
        return from_plain(cls, data)


def _by_value(item: tuple[Enum, int]) -> str:
    return str(item[0].value)
