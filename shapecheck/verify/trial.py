"""One site tried: each of its mutants against the tests that come by it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from shapecheck.core.ledger import Entry, Mutant, Outcome, Verdict, verdict_of
from shapecheck.core.site import Site
from shapecheck.runtime.mutate import CannotSwap, Exchange, Witness
from shapecheck.source.mutations import WITNESS
from shapecheck.verify.baseline import Baseline
from shapecheck.verify.failure import Failure
from shapecheck.verify.rerun import Reruns
from shapecheck.verify.survivor import judge_survivor
from shapecheck.verify.workshop import Workshop

Seen = dict[tuple[str, tuple[int, ...] | None], None]
_SECONDS_FOR_LAWS = 10.0
About = Callable[[int, str, float], None]  # (mutation's number, test, seconds it may take)


class Poisoned(Exception):
    """A test fails without a mutant, after one: a mutant left something behind."""

    def __init__(self, item: str) -> None:
        super().__init__(item)
        self.item = item


@dataclass
class Trials:
    """Tries sites, with the tests of a baseline."""

    workshop: Workshop
    reruns: Reruns
    baseline: Baseline

    def entry(
        self, number: int, site: Site, about: About, known: dict[int, Mutant] | None = None
    ) -> Entry:
        """The line of the ledger for a site.

        `about` is told of every run before it starts; `known` holds mutants whose outcome is
        known already, since the process that ran them died. Raises Poisoned where the tests can
        no longer be trusted in this process.
        """
        if site.at_import:
            reason = (
                "it runs when the module is imported, before any mutant can take its place; "
                "in a function it could be tried"
            )
            return Entry(site, Verdict.NOT_VERIFIABLE, reason=reason)
        if next(self.baseline.reaching(number), None) is None:
            obstacle = self.workshop.obstacle(site)
            verdict = Verdict.NOT_VERIFIABLE if obstacle else Verdict.NOT_REACHED
            return Entry(site, verdict, reason=obstacle or "no test comes by it")
        mutants: list[Mutant] = []
        entry = Entry(site, Verdict.VERIFIED)
        for i in range(len(site.mutations)):
            mutant = (known or {}).get(i)
            if mutant is None:
                mutant, entry = self._try(number, entry, i, about)
            mutants.append(mutant)
            if mutant.outcome is Outcome.SURVIVED:
                break
        self._check(mutants)
        verdict = verdict_of(mutants)
        reason = ""
        if verdict is Verdict.NOT_VERIFIABLE:
            reason = next(m.detail for m in mutants if m.outcome is Outcome.NOT_RUN)
        return replace(entry, verdict=verdict, mutants=tuple(mutants), reason=reason)

    def _try(self, number: int, entry: Entry, i: int, about: About) -> tuple[Mutant, Entry]:
        site, mutation = entry.site, entry.site.mutations[i]
        seen: Seen = {}
        try:
            exchange = self.workshop.mutant(site, mutation)
            # Trying laws takes many times as long as a test: only for what is left without them.
            for laws in (False, True) if self.reruns.laws else (False,):
                for test in self.baseline.reaching(number):
                    seconds = test.seconds + (_SECONDS_FOR_LAWS if laws else 0)
                    about(i, test.item, seconds)
                    failure = self._noticed(exchange, test.item, laws, seen)
                    if failure is not None:
                        killed = Outcome.KILLED
                        mutant = Mutant(mutation, killed, failure.pin, test.item, failure.message)
                        return mutant, entry
        except CannotSwap as error:
            return Mutant(mutation, Outcome.NOT_RUN, detail=str(error)), entry
        if not seen:
            said = "the tests that come by it do not come by the mutant in its place"
            return Mutant(mutation, Outcome.NOT_RUN, detail=said), entry
        after = [shape for _, shape in seen if shape is not None]
        judged = judge_survivor(
            site,
            mutation,
            self.workshop.namespace(site),
            subjects=self.baseline.shapes(~number),
            before=self.baseline.shapes(number),
            after=after,
        )
        mutant = Mutant(mutation, judged.outcome, detail=judged.detail)
        if judged.outcome is Outcome.SURVIVED:
            line = self.workshop.survivor(site, mutation)
            entry = replace(entry, survivor=line, suggestion=judged.suggestion)
        return mutant, entry

    def _noticed(self, exchange: Exchange, item: str, laws: bool, seen: Seen) -> Failure | None:
        """Run a test on a mutant; what it comes by is added to `seen`, trials of laws aside."""
        with Witness(WITNESS).listening() as witness, exchange.made():
            failure = self.reruns.run(item, refuse_writes=True, laws=laws).outcome.failure
        if not laws:
            seen |= witness.seen.get(0, {})
        return failure

    def _check(self, mutants: list[Mutant]) -> None:
        """Run the tests that noticed once more, without a mutant: they have to pass."""
        for item in dict.fromkeys(m.item for m in mutants if m.item):
            if self.baseline.trusts(item) and self.reruns.run(item).outcome.failure:
                raise Poisoned(item)
