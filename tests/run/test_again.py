"""Stale output counts where a second run prints it again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shapecheck.core.chapter import Printed, Shown
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.program import ProgramReport
from shapecheck.core.site import Place
from shapecheck.rules import judge
from shapecheck.run.again import confirmed

OTHER = Finding("stale-prose", Severity.WARNING, Place("a.md", 1), "another")


def report(*printed: str, shown: str = "size 1\nat 0.5\n") -> ProgramReport:
    """A chapter with an output at line 10, 20…, each shown alike."""
    places = [Place("a.md", 10 * n) for n in range(1, len(printed) + 1)]
    evidence = [
        Printed(Shown(place, shown, "fence", 2), text)
        for place, text in zip(places, printed, strict=True)
    ]
    return ProgramReport("a.md", "completed", findings=(OTHER, *judge(evidence)))


def test_nothing_runs_twice_where_nothing_is_stale() -> None:
    once = report()
    assert confirmed(once, lambda: pytest.fail("a second run")) is once


def test_what_both_print_counts_and_the_rest_is_said() -> None:
    first = report("size 2\nat 0.1\n", "size 1\nat 0.2\n", "gone\n")
    second = report("size 2\nat 0.3\n", "size 1\nat 0.4\n")
    judged = confirmed(first, lambda: second)
    told = [(f.slug, f.place.line, f.expected, f.actual) for f in judged.findings]
    assert told == [("stale-prose", 1, "", ""), ("stale-output", 10, "size 1", "size 2")]
    assert judged.findings[1].evidence is not None
    assert judged.findings[1].evidence["printed"] == "size 2\nat 0.1\n"  # what --update writes
    assert [entry.reason for entry in judged.skipped] == [
        "output that a second run printed differently is not compared: line 21, line 30"
    ]


def test_a_chapter_that_ran_out_of_time_is_not_run_again() -> None:
    first = replace(report("size 2\n"), outcome="timeout")
    judged = confirmed(first, lambda: pytest.fail("a second run"))
    assert judged.findings == (OTHER,)
    assert "that no second run confirmed" in judged.skipped[0].reason
