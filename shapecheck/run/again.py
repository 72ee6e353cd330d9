"""Output that is not what is shown may be another each time: a chapter is run a second time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from shapecheck.core.chapter import Printed, Shown
from shapecheck.core.evidence import Skipped
from shapecheck.core.finding import Finding
from shapecheck.core.printed import stable
from shapecheck.core.program import ProgramReport
from shapecheck.rules import judge

SLUG = "stale-output"
_MOST_NAMED = 5


def confirmed(report: ProgramReport, run: Callable[[], ProgramReport]) -> ProgramReport:
    """The report with those lines of output alone that a second run prints again.

    What depends on the time, on random numbers without a seed or on an order that nothing fixes
    is no output that an author can show; it is said and not judged.
    """
    stale = [finding for finding in report.findings if finding.slug == SLUG]
    if not stale:
        return report
    late = report.outcome == "timeout"  # a second run would take as long, and be ended as well
    second = {_key(f): f for f in run().findings if f.slug == SLUG} if not late else {}
    kept, left_out = [], []
    for finding in report.findings:
        if finding.slug != SLUG:
            kept.append(finding)
            continue
        again = list(_again(finding, second.get(_key(finding))))
        kept += again
        if not again:
            left_out.append(finding)
    why = "that a second run printed differently"
    said = _said(left_out, "that no second run confirmed" if late else why)
    return replace(report, findings=tuple(kept), skipped=(*report.skipped, *said))


def _said(left_out: list[Finding], why: str) -> tuple[Skipped, ...]:
    if not left_out:
        return ()
    places = [finding.place for finding in left_out]
    named = [place.file.partition(".ipynb:")[2] or f"line {place.line}" for place in places]
    more = f" and {len(named) - _MOST_NAMED} more" if len(named) > _MOST_NAMED else ""
    listed = ", ".join(named[:_MOST_NAMED]) + more
    return (Skipped("", places[0], f"output {why} is not compared: {listed}"),)


def _again(first: Finding, second: Finding | None) -> Iterator[Finding]:
    """The finding, from the lines that both runs print."""
    if second is None:
        return
    one, two = first.evidence or {}, second.evidence or {}
    text = stable(one["shown"], one["printed"], two["printed"])
    if text is None:
        return
    place = replace(first.place, line=one["first"])
    shown = Shown(place, one["shown"], one["shown_as"], one["lines"], one["indent"])
    for finding in judge([Printed(shown, text)]):
        yield replace(finding, evidence=one)


def _key(finding: Finding) -> tuple[Any, ...]:
    evidence = finding.evidence or {}
    return finding.place.file, evidence.get("first"), evidence.get("shown_as")
