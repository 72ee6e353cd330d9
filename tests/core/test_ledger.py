"""The ledger: what outcomes add up to, what counts, and that it survives JSON."""

import json

import pytest

from shapecheck.core.finding import Finding, Severity
from shapecheck.core.ledger import (
    Entry,
    Ledger,
    LeftOut,
    Mutant,
    Outcome,
    Pin,
    Verdict,
    verdict_of,
)
from shapecheck.core.site import Mutation, Place, Site, SiteKind, Span

MUTATION = Mutation("dropped", "x")


def site(line: int = 3, file: str = "a.py") -> Site:
    span = Span(line, 4, line, 18)
    text = "x.unsqueeze(0)"
    return Site(Place(file, line, 4, "f"), span, SiteKind.UNSQUEEZE, text, text, (MUTATION,))


def killed(pin: Pin) -> Mutant:
    return Mutant(MUTATION, Outcome.KILLED, pin, "test_a", "no")


def entry(verdict: Verdict, *mutants: Mutant, line: int = 3, file: str = "a.py") -> Entry:
    return Entry(site(line, file), verdict, mutants)


@pytest.mark.parametrize(
    ("outcomes", "verdict"),
    [
        ([Outcome.KILLED, Outcome.KILLED], Verdict.VERIFIED),
        ([Outcome.KILLED, Outcome.EQUIVALENT], Verdict.VERIFIED),
        ([Outcome.KILLED, Outcome.SURVIVED], Verdict.UNVERIFIED),
        ([Outcome.NOT_RUN, Outcome.SURVIVED], Verdict.UNVERIFIED),
        ([Outcome.KILLED, Outcome.NOT_RUN], Verdict.NOT_VERIFIABLE),
        ([Outcome.EQUIVALENT], Verdict.EQUIVALENT),
        ([], Verdict.NOT_VERIFIABLE),
    ],
)
def test_the_verdict_is_that_of_the_weakest_outcome(
    outcomes: list[Outcome], verdict: Verdict
) -> None:
    assert verdict_of(Mutant(MUTATION, outcome) for outcome in outcomes) is verdict


def test_the_pin_of_a_site_is_the_one_that_says_most() -> None:
    pinned = entry(Verdict.VERIFIED, killed(Pin.ERROR), killed(Pin.DECLARATION), killed(Pin.DEATH))
    assert pinned.pin is Pin.DECLARATION
    assert pinned.telling == killed(Pin.DECLARATION)
    assert entry(Verdict.NOT_REACHED).pin is None


def test_what_is_not_reached_or_not_verifiable_counts_against_the_percentage() -> None:
    ledger = Ledger(
        (
            entry(Verdict.VERIFIED, killed(Pin.LAW)),
            entry(Verdict.NOT_REACHED),
            entry(Verdict.NOT_VERIFIABLE),
            entry(Verdict.UNVERIFIED),
            entry(Verdict.EQUIVALENT),
        )
    )
    assert ledger.percent == 25.0
    assert len(ledger.counted) == 4
    assert Ledger(()).percent == 100.0


def test_only_verified_sites_have_their_pins_counted() -> None:
    ledger = Ledger(
        (
            entry(Verdict.VERIFIED, killed(Pin.LAW)),
            entry(Verdict.UNVERIFIED, killed(Pin.DECLARATION)),
        )
    )
    assert ledger.pins() == {Pin.LAW: 1}


def test_a_file_is_a_ledger_of_its_own() -> None:
    both = Ledger((entry(Verdict.VERIFIED), entry(Verdict.UNVERIFIED, file="b.py")))
    assert both.files() == ["a.py", "b.py"]
    assert both.in_file("b.py").percent == 0.0
    assert both.count("a.py") == {Verdict.VERIFIED: 1}


def test_a_finding_at_a_site_makes_it_violated_and_leaves_the_others() -> None:
    ledger = Ledger((entry(Verdict.VERIFIED), entry(Verdict.VERIFIED, line=9)))
    finding = Finding("axis-count", Severity.ERROR, Place("a.py", 9), "one axis too many")
    first, second = ledger.with_findings([finding]).entries
    assert first.verdict is Verdict.VERIFIED
    assert (second.verdict, second.reason) == (Verdict.VIOLATED, "one axis too many")


def test_a_note_violates_nothing() -> None:
    ledger = Ledger((entry(Verdict.VERIFIED, line=9),))
    note = Finding("batch-mixing", Severity.NOTE, Place("a.py", 9), "it trains on all samples")
    assert ledger.with_findings([note]) == ledger


def test_what_could_not_be_tried_counts_as_not_verifiable_and_says_why() -> None:
    site = entry(Verdict.VERIFIED).site
    (only,) = Ledger.untried([site], "a test fails").entries
    assert (only.site, only.verdict, only.reason) == (site, Verdict.NOT_VERIFIABLE, "a test fails")


def test_a_ledger_survives_json() -> None:
    survivor = Mutant(MUTATION, Outcome.SURVIVED, detail="no test fails with it")
    ledger = Ledger(
        (entry(Verdict.UNVERIFIED, killed(Pin.RULE), survivor),), (LeftOut("t", "writes"),), 1.5
    )
    data = json.loads(json.dumps(ledger.to_dict()))
    assert Ledger.from_dict(data) == ledger
    assert (data["percent"], data["mutants"], data["verdicts"]) == (0.0, 2, {"unverified": 1})
